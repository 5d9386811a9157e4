CREATE TABLE `ledger_transactions` (
	`tenant_id` text NOT NULL,
	`seq` integer NOT NULL,
	`id` text NOT NULL,
	`at` integer NOT NULL,
	`type` text NOT NULL,
	`amount_nano` integer NOT NULL,
	`short_nano` integer NOT NULL,
	`balance_after_nano` integer NOT NULL,
	`buckets` text NOT NULL,
	`reference_type` text NOT NULL,
	`reference_id` text NOT NULL,
	`reason` text NOT NULL,
	PRIMARY KEY(`tenant_id`, `seq`)
);
