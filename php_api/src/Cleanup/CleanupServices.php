<?php

declare(strict_types=1);

namespace CrowdSky\Cleanup;

use CrowdSky\Jobs\JobServices;
use CrowdSky\Kernel\App;
use CrowdSky\Queue\QueueServices;
use CrowdSky\Raws\RawServices;
use CrowdSky\Results\ResultServices;
use CrowdSky\Trust\TrustServices;

/**
 * Wires cleanup, the search for orphans and the audit of the archive.
 */
final class CleanupServices
{
    private function __construct(private readonly App $app)
    {
    }

    public static function of(App $app): self
    {
        return new self($app);
    }

    public function cleanup(): Cleanup
    {
        $jobs = JobServices::of($this->app);
        $leftovers = ResultServices::of($this->app)->leftovers();
        return new Cleanup(
            $this->app->database(),
            $jobs->store(),
            $jobs->events(),
            QueueServices::of($this->app)->reaper(),
            RawServices::of($this->app)->frames(),
            $this->app->raws(),
            $this->app->spool(),
            $this->archiveProof(),
            $leftovers,
            $this->rescanCleanup(),
            new CheckCleanup($this->app->database(), $leftovers, $this->app->log(), $this->app->clock()),
            TrustServices::of($this->app)->held(),
            TrustServices::of($this->app)->decisions(),
            new StackPositions($this->app->database(), $this->app->storage(), $this->app->log()),
            $this->app->log(),
            $this->app->clock(),
            $this->app->config()->uploadExpiryHours,
            $this->app->config()->failedRawDays,
        );
    }

    public function orphanSearch(): OrphanSearch
    {
        $config = $this->app->config();
        return new OrphanSearch(
            $this->app->database(),
            $this->app->storage(),
            JobServices::of($this->app)->events(),
            TrustServices::of($this->app)->held(),
            $this->app->clock(),
            $config->storageBase,
            $config->orphanMinAgeHours,
        );
    }

    public function archiveAudit(): ArchiveAudit
    {
        return new ArchiveAudit(
            $this->app->database(),
            $this->app->storage(),
            ResultServices::of($this->app)->verifier(),
            JobServices::of($this->app)->events(),
            $this->app->log(),
            $this->app->clock(),
        );
    }

    private function archiveProof(): ArchiveProof
    {
        $verifier = ResultServices::of($this->app)->verifier();
        return new ArchiveProof($verifier, JobServices::of($this->app)->events(), $this->app->log());
    }

    private function rescanCleanup(): RescanCleanup
    {
        $jobs = JobServices::of($this->app);
        $results = ResultServices::of($this->app);
        return new RescanCleanup(
            $this->app->database(),
            $jobs->store(),
            $jobs->events(),
            $results->replaced(),
            $results->leftovers(),
            $this->archiveProof(),
            $this->app->storage(),
            $this->app->log(),
            $this->app->clock(),
        );
    }
}
