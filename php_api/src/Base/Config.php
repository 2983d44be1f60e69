<?php

declare(strict_types=1);

namespace CrowdSky\Base;

/**
 * Every setting of the site, checked once and read-only afterwards.
 *
 * config.example.php explains each of them; the environment variable CROWDSKY_<NAME> wins over the file.
 */
final class Config
{
    public readonly string $dataDir;
    public readonly string $dbDsn;
    public readonly string $dbUser;
    public readonly string $dbPassword;
    /** Whether a PHP process keeps its connection to MariaDB for the next request. */
    public readonly bool $dbPersistent;
    /** local or webdav */
    public readonly string $storage;
    public readonly string $webdavUrl;
    public readonly string $webdavToken;
    /** Path under which stacks are archived: leading slash, none at the end. */
    public readonly string $storageBase;
    public readonly int $chunkMinutes;
    public readonly float $pointingToleranceDeg;
    public readonly int $leaseSeconds;
    /** Hours after its claim at which a stack is taken back from its worker. */
    public readonly int $maxRunHours;
    /** Hours after its claim at which a rescan is taken back from its worker. */
    public readonly int $maxRescanHours;
    /** Jobs that one standard or trusted key may hold at a time; 0 means no limit. */
    public readonly int $maxLeasesPerKey;
    public readonly int $maxAttempts;
    public readonly int $rescanAttempts;
    /** Hours from one calibration of a field to the next one. */
    public readonly int $calibrateHours;
    public readonly int $retryBackoffSeconds;
    public readonly int $rawGraceHours;
    public readonly int $failedRawDays;
    public readonly int $uploadExpiryHours;
    /** Hours between the cleanup that finds something due and the one that deletes it. */
    public readonly int $cleanupConfirmHours;
    /** Hours a file must have been in storage before it can count as an orphan. */
    public readonly int $orphanMinAgeHours;
    /** Days for which files stay in the storage's trash before cleanup deletes them. */
    public readonly int $trashDays;
    /** Largest raw frame accepted, in bytes. */
    public readonly int $maxFileBytes;
    /** Largest finished stack that people may upload, in bytes. */
    public readonly int $maxUploadedStackBytes;
    /** Bytes of raw subs a user may keep on the site unless an admin has set another limit; 0 means no limit. */
    public readonly int $userQuotaBytes;
    /** Licence of the public stacks, as manifests of downloads state it; empty if none is stated. */
    public readonly string $dataLicence;
    /** Largest stack accepted by upload_result, in bytes. */
    public readonly int $maxResultBytes;
    /** Observations of a partition of the export above which it is divided. */
    public readonly int $exportPartitionObservations;
    /** open, approval or closed */
    public readonly string $registration;
    /** Accounts that one address may register within a day; 0 means no limit. */
    public readonly int $maxRegistrationsPerDay;
    /** Failed logins from one address to one account before further attempts are blocked. */
    public readonly int $maxLoginFailures;
    /** Calls with invalid keys from one address before further ones are blocked. */
    public readonly int $maxKeyFailures;
    /** Seconds for which a failure counts. */
    public readonly int $failureWindowSeconds;
    /** How mails leave the site: off, file or smtp. */
    public readonly string $mail;
    /** Address of the site in mails, without a slash at the end. */
    public readonly string $siteUrl;
    public readonly string $mailFrom;
    public readonly string $smtpHost;
    public readonly int $smtpPort;
    /** starttls, tls or none */
    public readonly string $smtpSecurity;
    public readonly string $smtpUser;
    public readonly string $smtpPassword;
    /** Seconds that a mail server may take for an answer. */
    public readonly int $smtpTimeoutSeconds;
    /** Jobs that one volunteer's key may hold at a time; 0 means no limit. */
    public readonly int $volunteerMaxLeases;
    /** How users get a volunteer's key: ask an admin, granted by the site itself, or off. */
    public readonly string $volunteerKeys;
    /** Consecutive confirmed results after which most results of a volunteer are published at once. */
    public readonly int $volunteerProbation;
    /** After that, one result in this many still waits for a second opinion; 0 means none. */
    public readonly int $volunteerCheckEvery;
    /** One claim of a volunteer in this many gets a job whose result is known; 0 means none. */
    public readonly int $volunteerKnownAnswerEvery;
    /** Hours after which a result is accepted without a second opinion; 0 means never. */
    public readonly int $secondOpinionHours;
    /** Free bytes on the disk of the data folder below which the site reports that it is not ready. */
    public readonly int $minFreeBytes;
    /** Minutes without a completed job after which waiting jobs raise an alarm. */
    public readonly int $stallMinutes;
    public readonly string $logLevel;
    /** Proxies whose X-Forwarded-For and X-Forwarded-Proto are believed. */
    public readonly AddressList $trustedProxies;

    /**
     * Reads the file named by CROWDSKY_CONFIG, else php_api/config.php if there is one, and the environment.
     *
     * @throws ConfigurationError naming every problem at once
     */
    public static function load(): self
    {
        $root = dirname(__DIR__, 2);
        $named = getenv('CROWDSKY_CONFIG');
        $file = $named !== false && $named !== '' ? $named : "$root/config.php";
        $values = [];
        if (is_file($file)) {
            $values = require $file;
        } elseif ($named !== false && $named !== '') {
            throw new ConfigurationError("CROWDSKY_CONFIG names $file, which is not a readable file");
        }
        if (!is_array($values)) {
            throw new ConfigurationError("$file must return an array, as config.example.php does");
        }
        return new self(new SettingsReader($values, getenv(...), $file), $root);
    }

    public function __construct(SettingsReader $read, string $root)
    {
        $this->dataDir = rtrim($read->text('data_dir', "$root/data"), '/');
        $this->dbDsn = $read->text('db_dsn', "sqlite:{$this->dataDir}/crowdsky.sqlite");
        $this->dbUser = $read->text('db_user', '');
        $this->dbPassword = $read->text('db_password', '');
        $this->dbPersistent = $read->choice('db_persistent', 'on', ['on', 'off']) === 'on';
        $this->storage = $read->choice('storage', 'local', ['local', 'webdav']);
        $this->webdavUrl = rtrim($read->text('webdav_url', ''), '/');
        $this->webdavToken = $read->text('webdav_token', '');
        $this->storageBase = '/' . trim($read->text('storage_base', '/crowdsky'), '/');
        $this->chunkMinutes = $read->integer('chunk_minutes', 15, 1, 60);
        $this->pointingToleranceDeg = $read->number('pointing_tolerance_deg', 0.25, 0.0, 10.0);
        $this->leaseSeconds = $read->integer('lease_seconds', 300, 1, 86400);
        $this->maxRunHours = $read->integer('max_run_hours', 6, 1, 720);
        $this->maxRescanHours = $read->integer('max_rescan_hours', 6, 1, 720);
        $this->maxLeasesPerKey = $read->integer('max_leases_per_key', 50, 0, 100000);
        $this->maxAttempts = $read->integer('max_attempts', 3, 1, 100);
        $this->rescanAttempts = $read->integer('rescan_attempts', 6, 1, 100);
        $this->calibrateHours = $read->integer('calibrate_hours', 6, 0, 8760);
        $this->retryBackoffSeconds = $read->integer('retry_backoff_seconds', 60, 0, 3600);
        $this->rawGraceHours = $read->integer('raw_grace_hours', 24, 0, 8760);
        $this->failedRawDays = $read->integer('failed_raw_days', 30, 0, 3650);
        $this->uploadExpiryHours = $read->integer('upload_expiry_hours', 24, 1, 8760);
        $this->cleanupConfirmHours = $read->integer('cleanup_confirm_hours', 6, 0, 720);
        $this->orphanMinAgeHours = $read->integer('orphan_min_age_hours', 48, 0, 8760);
        $this->trashDays = $read->integer('trash_days', 30, 1, 3650);
        $this->maxFileBytes = $read->integer('max_file_bytes', 50 << 20, 2880, 2 << 30);
        $this->maxUploadedStackBytes = $read->integer('max_uploaded_stack_bytes', 128 << 20, 2880, 2 << 30);
        $this->userQuotaBytes = $read->integer('user_quota_bytes', 0, 0, 1 << 50);
        $this->dataLicence = $read->text('data_licence', '');
        $this->maxResultBytes = $read->integer('max_result_bytes', 512 << 20, 2880, 8 << 30);
        $this->exportPartitionObservations = $read->integer('export_partition_observations', 300000, 1, 10000000);
        $this->registration = $read->choice('registration', 'open', ['open', 'approval', 'closed']);
        $this->maxRegistrationsPerDay = $read->integer('max_registrations_per_day', 20, 0, 100000);
        $this->maxLoginFailures = $read->integer('max_login_failures', 10, 1, 1000);
        $this->maxKeyFailures = $read->integer('max_key_failures', 20, 1, 10000);
        $this->failureWindowSeconds = $read->integer('failure_window_seconds', 600, 1, 86400);
        $this->mail = $read->choice('mail', 'off', ['off', 'file', 'smtp']);
        $this->siteUrl = rtrim($read->text('site_url', ''), '/');
        $this->mailFrom = $read->text('mail_from', '');
        $this->smtpHost = $read->text('smtp_host', '');
        $this->smtpPort = $read->integer('smtp_port', 587, 1, 65535);
        $this->smtpSecurity = $read->choice('smtp_security', 'starttls', ['starttls', 'tls', 'none']);
        $this->smtpUser = $read->text('smtp_user', '');
        $this->smtpPassword = $read->text('smtp_password', '');
        $this->smtpTimeoutSeconds = $read->integer('smtp_timeout_seconds', 20, 1, 300);
        $this->volunteerMaxLeases = $read->integer('volunteer_max_leases', 10, 0, 100000);
        $this->volunteerKeys = $read->choice('volunteer_keys', 'ask', ['ask', 'grant', 'off']);
        $this->volunteerProbation = $read->integer('volunteer_probation', 10, 0, 100000);
        $this->volunteerCheckEvery = $read->integer('volunteer_check_every', 20, 0, 100000);
        $this->volunteerKnownAnswerEvery = $read->integer('volunteer_known_answer_every', 10, 0, 100000);
        $this->secondOpinionHours = $read->integer('second_opinion_hours', 0, 0, 100000);
        $this->minFreeBytes = $read->integer('min_free_bytes', 1 << 30, 0, 1 << 50);
        $this->stallMinutes = $read->integer('stall_minutes', 60, 1, 100000);
        $this->logLevel = $read->choice('log_level', 'info', Logger::LEVELS);
        $this->trustedProxies = $this->proxies($read);
        $this->checkTogether($read);
        $read->finish();
    }

    private function proxies(SettingsReader $read): AddressList
    {
        try {
            return AddressList::parse($read->text('trusted_proxies', ''));
        } catch (\InvalidArgumentException $error) {
            $read->report("'trusted_proxies' must be addresses or networks, separated by commas: {$error->getMessage()}");
            return AddressList::parse('');
        }
    }

    private function checkTogether(SettingsReader $read): void
    {
        if (preg_match('#^(sqlite|mysql):.+#', $this->dbDsn) !== 1) {
            $read->report("'db_dsn' must start with sqlite: or mysql: (MariaDB), for example sqlite:/srv/crowdsky/crowdsky.sqlite");
        }
        if (preg_match('#^(/[A-Za-z0-9._+-]+)+$#', $this->storageBase) !== 1 || str_contains("$this->storageBase/", '/../')) {
            $read->report("'storage_base' must be a path of plain names such as /crowdsky");
        }
        if ($this->storage === 'webdav' && preg_match('#^https?://#', $this->webdavUrl) !== 1) {
            $read->report("'webdav_url' must be an http(s) address because 'storage' is webdav");
        }
        if ($this->storage === 'webdav' && $this->webdavToken === '') {
            $read->report("'webdav_token' is needed because 'storage' is webdav");
        }
        $this->checkMail($read);
    }

    private function checkMail(SettingsReader $read): void
    {
        if ($this->mail !== 'off' && preg_match('#^https?://[^\s/?\#]+(/[^\s?\#]*)?$#D', $this->siteUrl) !== 1) {
            $read->report("'site_url' must be the http(s) address of the site because 'mail' is not off");
        }
        if ($this->mail !== 'off' && filter_var($this->mailFrom, FILTER_VALIDATE_EMAIL) === false) {
            $read->report("'mail_from' must be an e-mail address because 'mail' is not off");
        }
        if ($this->mail === 'smtp' && preg_match('/^[A-Za-z0-9._:-]+$/D', $this->smtpHost) !== 1) {
            $read->report("'smtp_host' must be the name of a mail server because 'mail' is smtp");
        }
        $isLocal = in_array($this->smtpHost, ['localhost', '127.0.0.1', '::1'], true);
        if ($this->smtpUser !== '' && $this->smtpSecurity === 'none' && !$isLocal) {
            $read->report("'smtp_security' must not be none, since the password of 'smtp_user' would cross the network readable");
        }
    }
}
