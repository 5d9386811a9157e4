CREATE TABLE `credential_places` (
	`credential` text NOT NULL,
	`country` text NOT NULL,
	`seen_at` integer NOT NULL,
	PRIMARY KEY(`credential`, `country`)
);
--> statement-breakpoint
CREATE INDEX `credential_places_age` ON `credential_places` (`seen_at`);