CREATE TABLE `billing_top_up_charges` (
	`id` text PRIMARY KEY NOT NULL,
	`tenant_id` text NOT NULL,
	`amount_cents` integer NOT NULL,
	`status` text NOT NULL,
	`payment_id` text,
	`customer_id` text,
	`card_id` text,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `billing_top_up_charges_of` ON `billing_top_up_charges` (`tenant_id`,`created_at`);--> statement-breakpoint
CREATE UNIQUE INDEX `billing_top_up_charges_one` ON `billing_top_up_charges` (`tenant_id`) WHERE status = 'under_way';--> statement-breakpoint
CREATE TABLE `billing_top_ups` (
	`tenant_id` text PRIMARY KEY NOT NULL,
	`enabled` integer NOT NULL,
	`threshold_cents` integer NOT NULL,
	`amount_cents` integer NOT NULL,
	`monthly_cap_cents` integer NOT NULL,
	`failures` integer NOT NULL,
	`retry_at` integer,
	`stopped` text,
	`changed_at` integer NOT NULL
);
