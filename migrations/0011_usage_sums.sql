CREATE TABLE `usage_days` (
	`tenant_id` text NOT NULL,
	`at` integer NOT NULL,
	`user_id` text NOT NULL,
	`key_id` text NOT NULL,
	`provider_key_id` text NOT NULL,
	`model` text NOT NULL,
	`provider` text NOT NULL,
	`key_strategy` text NOT NULL,
	`feature` text NOT NULL,
	`calls` integer NOT NULL,
	`succeeded` integer NOT NULL,
	`failed` integer NOT NULL,
	`cancelled` integer NOT NULL,
	`cached` integer NOT NULL,
	`unpriced` integer NOT NULL,
	`input_tokens` integer NOT NULL,
	`cached_input_tokens` integer NOT NULL,
	`cache_write_tokens` integer NOT NULL,
	`output_tokens` integer NOT NULL,
	`reasoning_tokens` integer NOT NULL,
	`cost_nano` integer NOT NULL,
	`charge_nano` integer NOT NULL,
	`times` text NOT NULL,
	PRIMARY KEY(`tenant_id`, `at`, `user_id`, `key_id`, `provider_key_id`, `model`, `provider`, `key_strategy`, `feature`)
);
--> statement-breakpoint
CREATE INDEX `usage_days_at` ON `usage_days` (`at`);--> statement-breakpoint
CREATE TABLE `usage_hours` (
	`tenant_id` text NOT NULL,
	`at` integer NOT NULL,
	`user_id` text NOT NULL,
	`key_id` text NOT NULL,
	`provider_key_id` text NOT NULL,
	`model` text NOT NULL,
	`provider` text NOT NULL,
	`key_strategy` text NOT NULL,
	`feature` text NOT NULL,
	`calls` integer NOT NULL,
	`succeeded` integer NOT NULL,
	`failed` integer NOT NULL,
	`cancelled` integer NOT NULL,
	`cached` integer NOT NULL,
	`unpriced` integer NOT NULL,
	`input_tokens` integer NOT NULL,
	`cached_input_tokens` integer NOT NULL,
	`cache_write_tokens` integer NOT NULL,
	`output_tokens` integer NOT NULL,
	`reasoning_tokens` integer NOT NULL,
	`cost_nano` integer NOT NULL,
	`charge_nano` integer NOT NULL,
	`times` text NOT NULL,
	PRIMARY KEY(`tenant_id`, `at`, `user_id`, `key_id`, `provider_key_id`, `model`, `provider`, `key_strategy`, `feature`)
);
--> statement-breakpoint
CREATE INDEX `usage_hours_at` ON `usage_hours` (`at`);--> statement-breakpoint
CREATE INDEX `usage_events_user_at` ON `usage_events` (`tenant_id`,`user_id`,`at`);