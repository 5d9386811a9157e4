ALTER TABLE `connected_apps` ADD `connected_at` integer;--> statement-breakpoint
ALTER TABLE `connected_apps` ADD `grant_id` text;--> statement-breakpoint
ALTER TABLE `connected_apps` ADD `seen_at` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX `connected_apps_seen` ON `connected_apps` (`seen_at`);