CREATE TABLE `sign_up_codes` (
	`user_id` text PRIMARY KEY NOT NULL,
	`code` text NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `sign_up_codes_age` ON `sign_up_codes` (`created_at`);--> statement-breakpoint
CREATE TABLE `billing_cards` (
	`tenant_id` text NOT NULL,
	`fingerprint` text NOT NULL,
	`seen_at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `fingerprint`)
);
--> statement-breakpoint
CREATE INDEX `billing_cards_fingerprint` ON `billing_cards` (`fingerprint`);--> statement-breakpoint
CREATE TABLE `referral_claims` (
	`tenant_id` text PRIMARY KEY NOT NULL,
	`id` text NOT NULL,
	`referrer_id` text NOT NULL,
	`claimed_at` integer NOT NULL,
	`payment_id` text,
	`paid_at` integer,
	`verdict` text,
	`left_cents` integer,
	`as_of` integer,
	`step` integer DEFAULT 0 NOT NULL,
	`told` integer DEFAULT 0 NOT NULL,
	`referred_nano` integer DEFAULT 0 NOT NULL,
	`referrer_nano` integer DEFAULT 0 NOT NULL,
	`earned_at` integer,
	`version` integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE INDEX `referral_claims_by` ON `referral_claims` (`referrer_id`,`claimed_at`);--> statement-breakpoint
CREATE TABLE `referral_codes` (
	`tenant_id` text PRIMARY KEY NOT NULL,
	`code` text NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `referral_codes_code` ON `referral_codes` (`code`);--> statement-breakpoint
CREATE TABLE `referred_people` (
	`person` text PRIMARY KEY NOT NULL,
	`came_with` text NOT NULL
);
