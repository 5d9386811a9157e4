CREATE TABLE `provider_key_months` (
	`tenant_id` text NOT NULL,
	`key_id` text NOT NULL,
	`month` text NOT NULL,
	`cost_nano` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `key_id`, `month`)
);
--> statement-breakpoint
CREATE TABLE `provider_keys` (
	`id` text PRIMARY KEY NOT NULL,
	`tenant_id` text NOT NULL,
	`provider` text NOT NULL,
	`name` text NOT NULL,
	`sealed` text NOT NULL,
	`preview` text NOT NULL,
	`base_url` text,
	`priority` integer NOT NULL,
	`monthly_budget_nano` integer,
	`expires_at` integer,
	`checked_at` integer,
	`check_error` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `provider_keys_tenant` ON `provider_keys` (`tenant_id`,`provider`,`priority`);--> statement-breakpoint
CREATE TABLE `vault_access` (
	`id` text PRIMARY KEY NOT NULL,
	`tenant_id` text NOT NULL,
	`object_id` text NOT NULL,
	`reason` text NOT NULL,
	`user_id` text,
	`times` integer NOT NULL,
	`last_request_id` text,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `vault_access_tenant` ON `vault_access` (`tenant_id`,`id`);--> statement-breakpoint
CREATE INDEX `vault_access_at` ON `vault_access` (`created_at`);--> statement-breakpoint
CREATE TABLE `vault_data_keys` (
	`tenant_id` text PRIMARY KEY NOT NULL,
	`wrapped` text NOT NULL,
	`master_version` integer NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `vault_data_keys_master` ON `vault_data_keys` (`master_version`);--> statement-breakpoint
ALTER TABLE `usage_events` ADD `provider_key_id` text;