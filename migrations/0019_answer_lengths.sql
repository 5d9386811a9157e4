CREATE TABLE `routing_lengths` (
	`hour` integer NOT NULL,
	`model` text NOT NULL,
	`feature` text NOT NULL,
	`n` real NOT NULL,
	`sum` real NOT NULL,
	`sq` real NOT NULL,
	PRIMARY KEY(`hour`, `model`, `feature`)
);
