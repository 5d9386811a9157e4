CREATE TABLE `billing_agreements` (
	`id` text PRIMARY KEY NOT NULL,
	`tenant_id` text NOT NULL,
	`plan` text,
	`seats` integer NOT NULL,
	`ends_at` integer,
	`reason` text NOT NULL,
	`created_at` integer NOT NULL,
	`due_at` integer
);
--> statement-breakpoint
CREATE INDEX `billing_agreements_of` ON `billing_agreements` (`tenant_id`,`created_at`);--> statement-breakpoint
CREATE INDEX `billing_agreements_due` ON `billing_agreements` (`due_at`);