<?php

/*
 * Settings of the CrowdSky site. Copy this file to config.php beside it and change what you need; every line shows
 * the default, so an empty array is a working configuration.
 *
 * Each setting can also be given as an environment variable, which wins over this file: db_dsn becomes
 * CROWDSKY_DB_DSN and so on. The variable CROWDSKY_CONFIG names another file to read instead of config.php.
 */

declare(strict_types=1);

return [
    // Everything the site writes: SQLite database, raw frames, local stacks, spool, log and the server's secret.
    // Outside the web root is best. Must belong to the user that runs PHP.
    'data_dir' => __DIR__ . '/data',

    // sqlite:/path/to/file, or for MariaDB 10.6 and newer: mysql:host=localhost;dbname=crowdsky
    // (mysql:unix_socket=/run/mysqld/mysqld.sock;dbname=crowdsky works too). Tables are made on first use.
    'db_dsn' => 'sqlite:' . __DIR__ . '/data/crowdsky.sqlite',
    'db_user' => '',
    'db_password' => '',
    // MariaDB only: on, and each PHP process keeps its connection for the next request; off for a host that allows
    // fewer connections than it runs PHP processes.
    'db_persistent' => 'on',

    // Where finished stacks live: local (in data_dir) or webdav (the share the workers upload to).
    'storage' => 'local',
    // Address of the share, for Nextcloud https://cloud.example.org/public.php/webdav, and its share token.
    'webdav_url' => '',
    'webdav_token' => '',
    // Folder of the archive inside the storage; the workers' UCLOUD_BASE_PATH must be the same.
    'storage_base' => '/crowdsky',

    // Minutes of one chunk, 1 to 60. The labels in file names count blocks of this length from midnight;
    // programs that read them expect 15. Do not change it on a site that has stacks.
    'chunk_minutes' => 15,
    // Frames of one block whose pointings are closer than this, in degrees, belong together.
    'pointing_tolerance_deg' => 0.25,

    // Seconds a worker may stay silent before its job goes to another one.
    'lease_seconds' => 300,
    // Hours after which a job is taken back from its worker even if that reports all the time: stacks, and rescans.
    // Longer than the longest run, JOB_TIMEOUT of the workers and the transfers included.
    'max_run_hours' => 6,
    'max_rescan_hours' => 6,
    // Jobs that all workers with one key may hold at a time; 0 means no limit.
    'max_leases_per_key' => 50,
    // Runs of one job before it ends in failed.
    'max_attempts' => 3,
    // Runs of one rescan, which solves a finished stack again, before it ends in failed.
    'rescan_attempts' => 6,
    // Mean delay before a second run, in seconds; doubled for each further one, one hour at most. 0 means at once.
    'retry_backoff_seconds' => 60,

    // Hours from one calibration of the stars of a field to the next one, if its stacks have changed; see calibrate.php.
    'calibrate_hours' => 6,

    // Hours between a completed job and the deletion of its raw frames, or between a rescan and the deletion of the
    // files it has replaced, by bin/cleanup.php.
    'raw_grace_hours' => 24,
    // Days the raw frames of failed and cancelled jobs are kept.
    'failed_raw_days' => 30,
    // Hours without activity after which an unfinished upload is discarded.
    'upload_expiry_hours' => 24,
    // Hours that must pass between the run of bin/cleanup.php that finds something due and the one that deletes it; 0
    // means the next run.
    'cleanup_confirm_hours' => 6,
    // Hours: files in storage that are younger are never taken for orphans by bin/cleanup.php --orphans.
    'orphan_min_age_hours' => 48,
    // Days for which files that may be the only copy of a stack stay in the storage's trash before they are deleted.
    'trash_days' => 30,

    // Largest raw frame, in bytes.
    'max_file_bytes' => 52428800,
    // Largest finished stack that programs at the telescope may upload, in bytes. PHP's upload_max_filesize and
    // post_max_size must allow it, too.
    'max_uploaded_stack_bytes' => 134217728,
    // Raw subs that one user may keep on the site until they are stacked, in bytes; 0 means no limit. An admin can give
    // a user another limit on the page Users.
    'user_quota_bytes' => 0,
    // Licence under which public stacks may be used, such as CC-BY-4.0; the pages and downloads of public stacks state it.
    'data_licence' => '',
    // Largest stack a worker may send through the API, in bytes.
    'max_result_bytes' => 536870912,
    // Observations (a star in a stack) above which a partition of the export of light curves is divided into four.
    'export_partition_observations' => 300000,

    // open: anyone may register an account; approval: likewise, but an admin has to approve it on the page Users before
    // it can be used; closed: only bin/create-user.php makes accounts.
    'registration' => 'open',
    // Accounts that one address (of IPv6: one network of 64 bits) may register within 24 hours; 0 means no limit.
    'max_registrations_per_day' => 20,
    // Proxies in front of the site, as addresses or networks separated by commas, such as '127.0.0.1, 10.0.0.0/8': only
    // they are believed about a client's address (X-Forwarded-For) and encryption (X-Forwarded-Proto).
    'trusted_proxies' => '',
    // Wrong passwords of one address for one account before both must wait. Three times as many are allowed to one
    // address for any account, and ten times as many for one account from anywhere.
    'max_login_failures' => 10,
    // Calls of one address with invalid worker keys before it must wait. Valid keys are never slowed down.
    'max_key_failures' => 20,
    // Failures are counted for this long, in seconds.
    'failure_window_seconds' => 600,

    // How the site sends mails (new passwords, confirmation of addresses): off, file (each mail is a file in
    // data_dir/mail, for development) or smtp. Without mails, an admin gives new passwords on the page Users.
    'mail' => 'off',
    // Address of the site for links in mails, such as https://sky.example.org, and the sender's address.
    'site_url' => '',
    'mail_from' => '',
    // The mail server: starttls (usually port 587), tls (465) or none (no encryption), and a login if it asks for one.
    'smtp_host' => '',
    'smtp_port' => 587,
    'smtp_security' => 'starttls',
    'smtp_user' => '',
    'smtp_password' => '',
    // Seconds that the mail server may take for an answer.
    'smtp_timeout_seconds' => 20,

    // How users get a key to lend a computer: ask (an admin grants it on the page Workers), grant (the site does at once;
    // their results wait for a second opinion all the same) or off.
    'volunteer_keys' => 'ask',
    // Jobs that all workers with one volunteer's key may hold at a time; 0 means no limit.
    'volunteer_max_leases' => 10,
    // Results of a volunteer's key in a row that others must agree with; until then each of them waits for a second
    // opinion.
    'volunteer_probation' => 10,
    // After that, one result in so many, drawn by lot, waits for a second opinion all the same. 0 means none.
    'volunteer_check_every' => 20,
    // One claim of a volunteer in so many, drawn by lot, is answered with a job that others have done already, if there
    // is one with its subs left; the result is only compared. 0 means none.
    'volunteer_known_answer_every' => 10,
    // Hours after which bin/cleanup.php accepts a result that nobody has given a second opinion on. 0 means never.
    'second_opinion_hours' => 0,

    // With less room than this on the disk of data_dir, in bytes, besides what the results of waiting jobs will need,
    // api/health.php?ready=1 says that the site is not ready.
    'min_free_bytes' => 1073741824,
    // Minutes: when jobs have waited for so long and none was completed meanwhile, api/metrics.php and the queue page
    // raise an alarm.
    'stall_minutes' => 60,
    // debug, info, warning or error; the log is data_dir/log/crowdsky.log.
    'log_level' => 'info',
];
