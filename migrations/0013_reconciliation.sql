CREATE TABLE `reconciliation_differences` (
	`tenant_id` text NOT NULL,
	`kind` text NOT NULL,
	`subject` text NOT NULL,
	`expected` text,
	`found` text,
	`amount_nano` integer NOT NULL,
	`first_seen_at` integer NOT NULL,
	`last_seen_at` integer NOT NULL,
	`resolved_at` integer,
	PRIMARY KEY(`tenant_id`, `kind`, `subject`)
);
--> statement-breakpoint
CREATE INDEX `reconciliation_differences_open` ON `reconciliation_differences` (`tenant_id`,`kind`,`subject`) WHERE resolved_at IS NULL;--> statement-breakpoint
CREATE TABLE `reconciliation_walk` (
	`id` integer PRIMARY KEY NOT NULL,
	`place` text,
	`from_at` integer,
	`started_at` integer NOT NULL,
	`whole_at` integer NOT NULL
);
