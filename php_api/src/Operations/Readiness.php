<?php

declare(strict_types=1);

namespace CrowdSky\Operations;

use CrowdSky\Base\ConfigurationError;
use CrowdSky\Base\FileModes;
use CrowdSky\Base\HostFunctions;
use CrowdSky\Base\Readable;
use CrowdSky\Base\Refusal;
use CrowdSky\Custody\CustodyServices;
use CrowdSky\Database\DatabaseBusy;
use CrowdSky\Database\Engine;
use CrowdSky\Http\Request;
use CrowdSky\Hosts\HostServices;
use CrowdSky\Kernel\App;
use CrowdSky\Timekeeping\TimekeepingServices;
use CrowdSky\Uploads\UploadServices;

/**
 * Tries everything that a request could need and reports what would fail.
 *
 * Anybody can see the findings, so they name no path, host or account; those are in the log.
 */
final class Readiness
{
    public const OK = 'ok';
    public const SKIPPED = 'not checked';

    public function __construct(private readonly App $app, private readonly Request $request)
    {
    }

    /**
     * @param \Closure(): bool $mayUseStorage whether to also write, read and delete a file in the storage; called only
     *                                        when everything else works
     * @return array<string, string> check => ok, not checked, or what is wrong in a sentence
     */
    public function check(\Closure $mayUseStorage): array
    {
        $folder = $this->finding($this->tryDataFolder(...));
        $database = $this->databaseFindings($folder === self::OK);
        $findings = [
            'data_folder' => $folder,
            'file_modes' => $folder === self::OK ? $this->finding($this->tryFileModes(...)) : self::SKIPPED,
            'web_access' => $folder === self::OK ? $this->finding($this->tryWebAccess(...)) : self::SKIPPED,
            'free_space' => $this->finding(fn (): ?string => $this->tryFreeSpace(self::isReady($database))),
            'functions' => $this->finding($this->tryFunctions(...)),
            ...$database,
            'host' => self::isReady($database) && $folder === self::OK ? $this->finding($this->tryHost(...)) : self::SKIPPED,
        ];
        $withStorage = self::isReady($findings) && $mayUseStorage();
        $findings['storage'] = $withStorage ? $this->finding($this->tryStorage(...)) : self::SKIPPED;
        $custody = $withStorage ? $this->tryCustody(...) : $this->lastDoubt(...);
        $isReady = self::isReady($findings);
        $findings['custody'] = $isReady ? $this->finding($custody) : self::SKIPPED;
        return $findings + ['clock' => $isReady ? $this->finding($this->clockDoubt(...)) : self::SKIPPED];
    }

    /** @param array<string, string> $findings */
    public static function isReady(array $findings): bool
    {
        return array_diff($findings, [self::OK, self::SKIPPED]) === [];
    }

    /** @param \Closure(): ?string $try returns what is wrong, or throws */
    private function finding(\Closure $try): string
    {
        try {
            return $try() ?? self::OK;
        } catch (Refusal $error) {
            $this->note($error->getPrevious() ?? $error);
            return $error->getMessage();
        } catch (\Throwable $error) {
            $this->note($error);
            return 'failed; the log of the site says why';
        }
    }

    private function tryDataFolder(): ?string
    {
        try {
            $folder = $this->app->data();
        } catch (ConfigurationError $error) {
            $this->note($error);
            return 'the data folder is missing or not complete, and cannot be made; check its owner';
        }
        $probe = $folder->path('spool/ready-' . bin2hex(random_bytes(8)) . '.part');
        $written = @file_put_contents($probe, 'x') === 1;
        @unlink($probe);
        return $written ? null : 'the data folder cannot be written; check its owner and whether the disk is full';
    }

    /** Looks for what was made by hand or by an older version; what the site writes now is closed to others. */
    private function tryFileModes(): ?string
    {
        $dsn = $this->app->config()->dbDsn;
        $database = Engine::ofDsn($dsn) === Engine::Sqlite ? substr($dsn, strlen('sqlite:')) : '';
        $paths = [...$this->app->data()->privatePaths(), $database, "$database-wal"];
        $open = array_filter($paths, FileModes::isOpenToOthers(...));
        if ($open === []) {
            return null;
        }
        $this->app->log()->warning('not ready: other accounts of this machine can open ' . implode(', ', $open));
        return 'other accounts of the machine can open what the site stores; the log names the files, and chmod -R o-rwx closes them';
    }

    private function tryWebAccess(): ?string
    {
        return (new WebExposure($this->app, $this->request))->isFound() ? WebExposure::SENTENCE : null;
    }

    /** @param bool $isDatabaseUsable if not, what the results of waiting jobs need is unknown */
    private function tryFreeSpace(bool $isDatabaseUsable): ?string
    {
        $needed = $this->app->config()->minFreeBytes;
        $room = $isDatabaseUsable ? UploadServices::of($this->app)->disk() : null;
        $reserve = $room?->reserve();
        $free = @disk_free_space($this->app->config()->dataDir);
        $left = $reserve === null ? $free : $room->leftForSubs($reserve);
        if ($free === false || $left >= $needed) {
            return null;
        }
        return sprintf('the disk of the data folder has only %d bytes left, fewer than the %d of min_free_bytes', $free, $needed)
            . ($reserve === null ? '' : sprintf(' and the %d for the results of waiting jobs; subs are refused before those lack room', $reserve->bytes));
    }

    /** What nothing works without is checked by host/requirements.php before anything else. */
    private function tryFunctions(): ?string
    {
        foreach (HostFunctions::replaced() as $name) {
            $this->app->log()->once("the host has switched off $name: " . HostFunctions::OPTIONAL[$name]);
        }
        return $this->app->config()->storage === 'webdav' ? HostFunctions::missingForWebDav() : null;
    }

    /**
     * @param bool $isFolderUsable if not, a configuration error is that of the data folder, which is already reported
     * @return array<string, string>
     */
    private function databaseFindings(bool $isFolderUsable): array
    {
        try {
            $migrator = $this->app->migrator();
            $migrator->bringUpToDate();
            $isCurrent = $migrator->isCurrent();
        } catch (DatabaseBusy $busy) {
            $this->note($busy->getPrevious() ?? $busy);
            return ['database' => $busy->getMessage(), 'migrations' => self::SKIPPED];
        } catch (ConfigurationError $error) {
            $this->note($error);
            $finding = $isFolderUsable ? 'the configuration of the database cannot be used; the log of the site says why' : self::SKIPPED;
            return ['database' => $finding, 'migrations' => self::SKIPPED];
        } catch (\Throwable $error) {
            // Connecting has its own errors above, so this one comes from a migration.
            $this->note($error);
            return ['database' => self::OK, 'migrations' => 'the schema cannot be brought up to date; the log of the site says why'];
        }
        return [
            'database' => self::OK,
            'migrations' => $isCurrent ? self::OK : 'the schema is newer than this version of the site; update the site',
        ];
    }

    private function tryHost(): ?string
    {
        $findings = HostServices::of($this->app)->identity()->findings();
        return $findings === [] ? null : implode('; ', $findings);
    }

    /** @throws Refusal when the storage does not do what it is asked */
    private function tryStorage(): ?string
    {
        $storage = $this->app->storage();
        $path = "{$this->app->config()->storageBase}/ready_" . bin2hex(random_bytes(8)) . '.txt';
        $content = fopen('php://memory', 'w+b');
        fwrite($content, random_bytes(64));
        rewind($content);
        $file = $this->app->spool()->receive($content, 64, null, 'The probe');
        try {
            $storage->put($file, $path);
            $hash = hash_init('sha256');
            $storage->read($path, static fn (string $piece): bool => hash_update($hash, $piece));
        } finally {
            $file->discard();
            $storage->delete($path);
        }
        return hash_final($hash) === $file->sha256 ? null : 'the storage returned other bytes than were stored';
    }

    private function tryCustody(): ?string
    {
        return CustodyServices::of($this->app)->custody()->look()?->sentence();
    }

    /** What the last cleanup or the last check with a key found; looking into the storage is not for everybody. */
    private function lastDoubt(): ?string
    {
        return CustodyServices::of($this->app)->ids()->lastDoubt()?->sentence();
    }

    /** What the last cleanup found; uploads and jobs go on. */
    private function clockDoubt(): ?string
    {
        return TimekeepingServices::of($this->app)->runs()->lastWarning();
    }

    private function note(\Throwable $error): void
    {
        try {
            $this->app->log()->warning('not ready: ' . $error->getMessage());
        } catch (ConfigurationError) {
            error_log(Readable::text('CrowdSky, not ready: ' . $error->getMessage(), 4000));
        }
    }
}
