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
ALTER TABLE `api_keys` ADD `cache_max_age_s` integer;