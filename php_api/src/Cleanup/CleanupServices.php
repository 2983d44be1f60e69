<?php

declare(strict_types=1);

namespace CrowdSky\Cleanup;

use CrowdSky\Changes\StackChanges;
use CrowdSky\Cleanup\Steps\AcceptOverdueResults;
use CrowdSky\Cleanup\Steps\DeleteAbandonedRaws;
use CrowdSky\Cleanup\Steps\DeleteAccounts;
use CrowdSky\Cleanup\Steps\DeleteArchivedRaws;
use CrowdSky\Cleanup\Steps\DeleteEmptySessions;
use CrowdSky\Cleanup\Steps\DeleteEndedChecks;
use CrowdSky\Cleanup\Steps\DeleteEndedJobs;
use CrowdSky\Cleanup\Steps\DeleteReplacedFiles;
use CrowdSky\Cleanup\Steps\DeleteRescanLeftovers;
use CrowdSky\Cleanup\Steps\EmptyTrash;
use CrowdSky\Cleanup\Steps\ExpireUploads;
use CrowdSky\Cleanup\Steps\ForgetStars;
use CrowdSky\Cleanup\Steps\LookUpPositions;
use CrowdSky\Cleanup\Steps\NoteStorageLevel;
use CrowdSky\Cleanup\Steps\OrderWantedSeries;
use CrowdSky\Cleanup\Steps\ReadDamagedAgain;
use CrowdSky\Cleanup\Steps\ReadStars;
use CrowdSky\Cleanup\Steps\ReapExpiredLeases;
use CrowdSky\Cleanup\Steps\RenewMark;
use CrowdSky\Cleanup\Steps\SweepSpool;
use CrowdSky\Cleanup\Steps\UnlinkDeletedRaws;
use CrowdSky\Custody\CustodyServices;
use CrowdSky\Hosts\HostServices;
use CrowdSky\Jobs\JobServices;
use CrowdSky\Kernel\App;
use CrowdSky\Queue\QueueServices;
use CrowdSky\Raws\RawServices;
use CrowdSky\Results\ResultServices;
use CrowdSky\Series\SeriesServices;
use CrowdSky\Stacks\AccountDeletion;
use CrowdSky\Stars\StarServices;
use CrowdSky\Statistics\StatisticsServices;
use CrowdSky\Timekeeping\TimekeepingServices;
use CrowdSky\Trust\TrustServices;

/**
 * Wires the cleanup, the search for orphans and the audit of the archive.
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

    /** Lists the steps of a cleanup in their order: results are settled before frames go, and files go after their rows. */
    public function cleanup(): Cleanup
    {
        $database = $this->app->database();
        $clock = $this->app->clock();
        $log = $this->app->log();
        $config = $this->app->config();
        $jobs = JobServices::of($this->app);
        $raws = RawServices::of($this->app)->frames();
        $trust = TrustServices::of($this->app);
        $custody = CustodyServices::of($this->app);
        $replaced = ResultServices::of($this->app)->replaced();
        $rawDeletion = $this->rawDeletion();
        $marks = TimekeepingServices::of($this->app)->marks();
        $storageDeletion = $this->storageDeletion();
        return new Cleanup([
            new RenewMark($custody->custody(), $log),
            new ReapExpiredLeases($database, QueueServices::of($this->app)->reaper()),
            new ExpireUploads($database, $raws, $marks, $clock, $config->uploadExpiryHours),
            new DeleteEmptySessions($database),
            new AcceptOverdueResults($trust->held(), $trust->decisions(), $log, $clock, $config->secondOpinionHours),
            new LookUpPositions($database, $this->app->storage(), $log),
            new ReadStars(StarServices::of($this->app)->intake(), SeriesServices::of($this->app)->stars(), new StackChanges($this->app->database()), $log),
            new ForgetStars(StarServices::of($this->app)->register()),
            new ReadDamagedAgain($database, ResultServices::of($this->app)->verifier(), ResultServices::of($this->app)->damage(), $log),
            new OrderWantedSeries(SeriesServices::of($this->app)->wishes(), $log),
            new DeleteArchivedRaws($database, $this->archiveProof(), $rawDeletion, $marks, $clock, $config->rawGraceHours),
            new DeleteAbandonedRaws($database, $rawDeletion, $marks, $clock, $config->failedRawDays),
            new DeleteReplacedFiles($database, $replaced, $this->archiveProof(), $storageDeletion, $marks),
            new DeleteRescanLeftovers($database, $jobs->store(), $jobs->events(), $this->archiveProof(), $storageDeletion, $marks, $clock),
            new DeleteEndedChecks($database, $this->archiveProof(), $storageDeletion, $marks, $clock),
            new DeleteEndedJobs($database, $marks, $clock),
            new EmptyTrash($custody->trash(), $storageDeletion, $marks, $clock, $config->trashDays),
            new UnlinkDeletedRaws($raws, $this->app->raws(), HostServices::of($this->app)->identity()),
            new SweepSpool($this->app->spool(), $marks),
            new DeleteAccounts(AccountDeletion::of($this->app)),
            new NoteStorageLevel(StatisticsServices::of($this->app)->levels()),
        ], TimekeepingServices::of($this->app)->runs(), $log);
    }

    public function orphanSearch(): OrphanSearch
    {
        $config = $this->app->config();
        $database = $this->app->database();
        return new OrphanSearch(
            $this->app->storage(),
            $this->storageDeletion(),
            JobServices::of($this->app)->events(),
            new ReferredPaths($database, TrustServices::of($this->app)->held()),
            new OrphanJobs($database, JobServices::of($this->app)->store(), $this->archiveProof()),
            $this->app->clock(),
            $config->storageBase,
            $config->orphanMinAgeHours,
        );
    }

    public function rawOrphanSearch(): RawOrphanSearch
    {
        return new RawOrphanSearch(
            $this->app->database(),
            $this->app->raws(),
            TimekeepingServices::of($this->app)->marks(),
            HostServices::of($this->app)->identity(),
            $this->app->log(),
            $this->app->config()->orphanMinAgeHours,
        );
    }

    public function archiveAudit(): ArchiveAudit
    {
        return new ArchiveAudit(
            $this->app->database(),
            $this->app->storage(),
            ResultServices::of($this->app)->verifier(),
            $this->foundDamage(),
            JobServices::of($this->app)->events(),
            $this->app->log(),
            $this->app->clock(),
        );
    }

    public function productAudit(): ProductAudit
    {
        return new ProductAudit(
            $this->app->database(),
            $this->app->storage(),
            ResultServices::of($this->app)->verifier(),
            JobServices::of($this->app)->events(),
            $this->app->log(),
            $this->app->clock(),
        );
    }

    private function foundDamage(): FoundDamage
    {
        return new FoundDamage(
            CustodyServices::of($this->app)->custody(),
            ResultServices::of($this->app)->damage(),
            JobServices::of($this->app)->events(),
        );
    }

    private function archiveProof(): ArchiveProof
    {
        $verifier = ResultServices::of($this->app)->verifier();
        return new ArchiveProof(
            $this->app->database(),
            $verifier,
            $this->foundDamage(),
            JobServices::of($this->app)->events(),
            $this->app->log(),
        );
    }

    private function rawDeletion(): RawDeletion
    {
        $jobs = JobServices::of($this->app);
        return new RawDeletion(
            $this->app->database(),
            $jobs->store(),
            $jobs->events(),
            RawServices::of($this->app)->frames(),
            TrustServices::of($this->app)->held(),
            $this->storageDeletion(),
            SeriesServices::of($this->app)->framesInUse(),
        );
    }

    private function storageDeletion(): StorageDeletion
    {
        $custody = CustodyServices::of($this->app);
        return new StorageDeletion($custody->gate(), $custody->leftovers(), $this->app->log());
    }
}
