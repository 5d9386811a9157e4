CREATE TABLE `gateway_answers` (
	`id` text PRIMARY KEY NOT NULL,
	`tenant_id` text NOT NULL,
	`answer` text,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `gateway_answers_created_at` ON `gateway_answers` (`created_at`);--> statement-breakpoint
CREATE TABLE `dead_letters` (
	`id` text PRIMARY KEY NOT NULL,
	`queue` text NOT NULL,
	`body` text NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `dead_letters_queue` ON `dead_letters` (`queue`,`created_at`);--> statement-breakpoint
CREATE TABLE `usage_events` (
	`id` text PRIMARY KEY NOT NULL,
	`ingest` text NOT NULL,
	`at` integer NOT NULL,
	`tenant_id` text NOT NULL,
	`user_id` text NOT NULL,
	`key_id` text,
	`request_id` text NOT NULL,
	`run_id` text,
	`feature` text NOT NULL,
	`client` text,
	`model` text NOT NULL,
	`provider` text NOT NULL,
	`key_strategy` text NOT NULL,
	`chosen_by` text NOT NULL,
	`task` text,
	`stream` integer NOT NULL,
	`status` text NOT NULL,
	`error_kind` text,
	`input_tokens` integer NOT NULL,
	`cached_input_tokens` integer NOT NULL,
	`cache_write_tokens` integer NOT NULL,
	`output_tokens` integer NOT NULL,
	`reasoning_tokens` integer NOT NULL,
	`estimated` integer NOT NULL,
	`priced` integer NOT NULL,
	`cost_nano` integer NOT NULL,
	`charge_nano` integer NOT NULL,
	`latency_ms` integer NOT NULL,
	`first_token_ms` integer
);
--> statement-breakpoint
CREATE INDEX `usage_events_tenant_at` ON `usage_events` (`tenant_id`,`at`);--> statement-breakpoint
CREATE INDEX `usage_events_at` ON `usage_events` (`at`);--> statement-breakpoint
CREATE TABLE `routing_figures` (
	`id` text PRIMARY KEY NOT NULL,
	`at` integer NOT NULL,
	`figures` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `routing_hours` (
	`hour` integer NOT NULL,
	`model` text NOT NULL,
	`task` text NOT NULL,
	`n` real NOT NULL,
	`ok` real NOT NULL,
	`first_n` real NOT NULL,
	`first_sum` real NOT NULL,
	`first_sq` real NOT NULL,
	`token_n` real NOT NULL,
	`token_sum` real NOT NULL,
	`token_sq` real NOT NULL,
	`total_n` real NOT NULL,
	`total_sum` real NOT NULL,
	`output_n` real NOT NULL,
	`output_sum` real NOT NULL,
	`output_sq` real NOT NULL,
	PRIMARY KEY(`hour`, `model`, `task`)
);
--> statement-breakpoint
CREATE TABLE `routing_panels` (
	`id` text PRIMARY KEY NOT NULL,
	`tenant_id` text NOT NULL,
	`name` text NOT NULL,
	`panel` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `routing_panels_name` ON `routing_panels` (`tenant_id`,`name`);--> statement-breakpoint
CREATE INDEX `routing_panels_tenant` ON `routing_panels` (`tenant_id`,`id`);--> statement-breakpoint
CREATE TABLE `routing_rules` (
	`id` text PRIMARY KEY NOT NULL,
	`tenant_id` text NOT NULL,
	`name` text NOT NULL,
	`enabled` integer NOT NULL,
	`priority` integer NOT NULL,
	`conditions` text NOT NULL,
	`target` text NOT NULL,
	`fallbacks` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `routing_rules_tenant` ON `routing_rules` (`tenant_id`,`priority`,`id`);--> statement-breakpoint
CREATE TABLE `routing_settings` (
	`tenant_id` text PRIMARY KEY NOT NULL,
	`exploration` real NOT NULL,
	`cost_weight` real NOT NULL,
	`latency_weight` real NOT NULL,
	`quality_weight` real NOT NULL,
	`reliability_weight` real NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
ALTER TABLE `api_keys` ADD `cache_max_age_s` integer;