CREATE TABLE `billing_checkouts` (
	`id` text PRIMARY KEY NOT NULL,
	`tenant_id` text NOT NULL,
	`user_id` text NOT NULL,
	`kind` text NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `billing_checkouts_of` ON `billing_checkouts` (`tenant_id`,`created_at`);--> statement-breakpoint
CREATE TABLE `billing_customers` (
	`id` text PRIMARY KEY NOT NULL,
	`tenant_id` text NOT NULL,
	`created_at` integer NOT NULL,
	`deleted_at` integer
);
--> statement-breakpoint
CREATE INDEX `billing_customers_of` ON `billing_customers` (`tenant_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `billing_customers_one` ON `billing_customers` (`tenant_id`) WHERE deleted_at IS NULL;--> statement-breakpoint
CREATE TABLE `billing_flags` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`object_id` text NOT NULL,
	`detail` text NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `billing_purchases` (
	`id` text PRIMARY KEY NOT NULL,
	`tenant_id` text NOT NULL,
	`kind` text NOT NULL,
	`status` text NOT NULL,
	`currency` text NOT NULL,
	`paid_cents` integer NOT NULL,
	`credit_nano` integer NOT NULL,
	`refunded_cents` integer NOT NULL,
	`disputed_cents` integer NOT NULL,
	`created_at` integer NOT NULL,
	`as_of` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `billing_purchases_of` ON `billing_purchases` (`tenant_id`,`created_at`);--> statement-breakpoint
CREATE TABLE `billing_subscriptions` (
	`tenant_id` text PRIMARY KEY NOT NULL,
	`subscription_id` text,
	`status` text NOT NULL,
	`plan` text NOT NULL,
	`seats` integer NOT NULL,
	`period_end` integer,
	`cancel_at_period_end` integer NOT NULL,
	`grace_until` integer,
	`as_of` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `billing_subscriptions_grace` ON `billing_subscriptions` (`grace_until`);--> statement-breakpoint
CREATE TABLE `stripe_cursor` (
	`id` integer PRIMARY KEY NOT NULL,
	`read_until` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `stripe_events` (
	`id` text PRIMARY KEY NOT NULL,
	`type` text NOT NULL,
	`payload` text NOT NULL,
	`created_at` integer NOT NULL,
	`received_at` integer NOT NULL,
	`handled_at` integer,
	`attempts` integer DEFAULT 0 NOT NULL,
	`last_error` text
);
--> statement-breakpoint
CREATE INDEX `stripe_events_open` ON `stripe_events` (`handled_at`,`received_at`);