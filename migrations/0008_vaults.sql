CREATE TABLE `vault_secrets` (
	`id` text PRIMARY KEY NOT NULL,
	`tenant_id` text NOT NULL,
	`vault_id` text NOT NULL,
	`name` text NOT NULL,
	`sealed` text NOT NULL,
	`version` integer NOT NULL,
	`preview` text NOT NULL,
	`expires_at` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `vault_secrets_name` ON `vault_secrets` (`tenant_id`,`vault_id`,`name`);--> statement-breakpoint
CREATE TABLE `vaults` (
	`id` text PRIMARY KEY NOT NULL,
	`tenant_id` text NOT NULL,
	`name` text NOT NULL,
	`description` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `vaults_name` ON `vaults` (`tenant_id`,`name`);--> statement-breakpoint
ALTER TABLE `provider_keys` ADD `version` integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE `provider_keys` ADD `platform_fallback` integer DEFAULT true NOT NULL;