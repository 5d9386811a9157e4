CREATE TABLE `notice_marks` (
	`tenant_id` text NOT NULL,
	`user_id` text NOT NULL,
	`seq` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `user_id`)
);
--> statement-breakpoint
CREATE TABLE `notices` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`id` text NOT NULL,
	`tenant_id` text NOT NULL,
	`audience` text NOT NULL,
	`kind` text NOT NULL,
	`title` text NOT NULL,
	`body` text NOT NULL,
	`link` text,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `notices_id` ON `notices` (`tenant_id`,`id`);--> statement-breakpoint
CREATE INDEX `notices_tenant` ON `notices` (`tenant_id`,`seq`);--> statement-breakpoint
CREATE INDEX `notices_created_at` ON `notices` (`created_at`);