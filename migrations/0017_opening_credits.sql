CREATE TABLE `opening_credits` (
	`person` text PRIMARY KEY NOT NULL,
	`given_to` text NOT NULL,
	`at` integer NOT NULL
);
