<?php

declare(strict_types=1);

namespace CrowdSky\Jobs;

use CrowdSky\Api\Worker\WorkerApi;
use CrowdSky\Cleanup\ArchiveProof;
use CrowdSky\Cleanup\CheckCleanup;
use CrowdSky\Cleanup\Cleanup;
use CrowdSky\Cleanup\RescanCleanup;
use CrowdSky\Cleanup\StackPositions;
use CrowdSky\Completion\JobCompletion;
use CrowdSky\Completion\ResultUpload;
use CrowdSky\Kernel\App;
use CrowdSky\Measurements\MeasurementStore;
use CrowdSky\Queue\ClockCorrection;
use CrowdSky\Queue\JobOutcomes;
use CrowdSky\Queue\JobQueue;
use CrowdSky\Queue\LeaseKeeper;
use CrowdSky\Queue\LeaseReaper;
use CrowdSky\Queue\QueueOrder;
use CrowdSky\Raws\FrameCopies;
use CrowdSky\Raws\RawFrames;
use CrowdSky\Results\JobPublication;
use CrowdSky\Results\Leftovers;
use CrowdSky\Results\ReplacedObjects;
use CrowdSky\Results\StackRegister;
use CrowdSky\Results\StackVerifier;
use CrowdSky\Trust\HeldDecisions;
use CrowdSky\Trust\HeldResults;
use CrowdSky\Trust\KnownAnswerCheck;
use CrowdSky\Trust\KnownAnswers;
use CrowdSky\Trust\PublishedFigures;
use CrowdSky\Trust\SecondOpinions;
use CrowdSky\Trust\TrustPolicy;
use CrowdSky\Workers\KeyStore;
use CrowdSky\Workers\KeyThrottle;
use CrowdSky\Workers\KeyTrust;
use CrowdSky\Workers\WorkerAuth;
use CrowdSky\Workers\WorkerRegistry;

/**
 * Wires everything about jobs and workers.
 */
final class JobServices
{
    public function __construct(private readonly App $app)
    {
    }

    public function workerApi(): WorkerApi
    {
        $leaseSeconds = $this->app->config()->leaseSeconds;
        return new WorkerApi(
            $this->workerAuth(),
            $this->workers(),
            $this->queue(),
            $this->leases(),
            $this->raws(),
            new FrameCopies($this->raws()),
            new JobOutcomes($this->app->database(), $this->store(), $this->leases(), $this->failedRun()),
            $this->completion(),
            $this->resultUpload(),
            $this->register(),
            $this->app->storage(),
            $leaseSeconds,
        );
    }

    public function admin(): JobAdmin
    {
        return new JobAdmin($this->app->database(), $this->store(), $this->events(), $this->app->clock());
    }

    public function store(): JobStore
    {
        return new JobStore($this->app->database(), $this->events(), $this->app->clock());
    }

    public function events(): JobEvents
    {
        return new JobEvents($this->app->database(), $this->app->clock());
    }

    public function raws(): RawFrames
    {
        return new RawFrames($this->app->database(), $this->app->raws(), $this->app->clock());
    }

    public function keys(): KeyStore
    {
        return new KeyStore($this->app->database(), $this->app->clock());
    }

    public function keyTrust(): KeyTrust
    {
        return new KeyTrust($this->app->database(), $this->app->clock());
    }

    public function held(): HeldResults
    {
        return new HeldResults($this->app->database());
    }

    /** What admins, or time, decide about results that wait for a second opinion. */
    public function heldDecisions(): HeldDecisions
    {
        return new HeldDecisions(
            $this->app->database(),
            $this->store(),
            $this->held(),
            $this->secondOpinions(),
            $this->publication(),
            new StackVerifier($this->app->storage()),
            $this->keyTrust(),
            $this->events(),
            $this->app->log(),
            $this->app->clock(),
            $this->app->config()->secondOpinionHours,
        );
    }

    public function workerAuth(): WorkerAuth
    {
        $config = $this->app->config();
        $throttle = new KeyThrottle($this->app->database(), $this->app->clock(), $config->maxKeyFailures, $config->failureWindowSeconds);
        return new WorkerAuth($this->keys(), $throttle);
    }

    public function workers(): WorkerRegistry
    {
        return new WorkerRegistry($this->app->database(), $this->app->clock());
    }

    public function cleanup(): Cleanup
    {
        return new Cleanup(
            $this->app->database(),
            $this->store(),
            $this->events(),
            $this->reaper(),
            $this->raws(),
            $this->app->raws(),
            $this->app->spool(),
            $this->archiveProof(),
            $this->leftovers(),
            $this->rescanCleanup(),
            new CheckCleanup($this->app->database(), $this->leftovers(), $this->app->log(), $this->app->clock()),
            $this->held(),
            $this->heldDecisions(),
            new StackPositions($this->app->database(), $this->app->storage(), $this->app->log()),
            $this->app->log(),
            $this->app->clock(),
            $this->app->config()->uploadExpiryHours,
            $this->app->config()->failedRawDays,
        );
    }

    public function leftovers(): Leftovers
    {
        return new Leftovers(
            $this->app->database(),
            $this->app->storage(),
            $this->replaced(),
            $this->app->config()->storageBase,
        );
    }

    public function measurements(): MeasurementStore
    {
        return new MeasurementStore($this->app->database());
    }

    public function replaced(): ReplacedObjects
    {
        return new ReplacedObjects($this->app->database());
    }

    private function register(): StackRegister
    {
        return new StackRegister($this->app->database(), $this->measurements(), $this->replaced());
    }

    private function archiveProof(): ArchiveProof
    {
        return new ArchiveProof(new StackVerifier($this->app->storage()), $this->events(), $this->app->log());
    }

    private function rescanCleanup(): RescanCleanup
    {
        return new RescanCleanup(
            $this->app->database(),
            $this->store(),
            $this->events(),
            $this->replaced(),
            $this->leftovers(),
            $this->archiveProof(),
            $this->app->storage(),
            $this->app->log(),
            $this->app->clock(),
        );
    }

    private function queue(): JobQueue
    {
        return new JobQueue(
            $this->app->database(),
            $this->store(),
            new QueueOrder($this->app->database()),
            new KnownAnswers(
                $this->app->database(),
                $this->store(),
                $this->app->clock(),
                $this->app->config()->volunteerKnownAnswerEvery,
                self::random(...),
            ),
            $this->reaper(),
            $this->clockCorrection(),
            new LeaseToken($this->app->data()->secret()),
            $this->app->clock(),
            $this->app->config()->leaseSeconds,
        );
    }

    private function leases(): LeaseKeeper
    {
        return new LeaseKeeper($this->store(), $this->app->clock(), $this->app->config()->leaseSeconds);
    }

    private function failedRun(): FailedRun
    {
        return new FailedRun($this->store(), $this->workers(), $this->retryDelay(), $this->app->clock());
    }

    private function retryDelay(): RetryDelay
    {
        return new RetryDelay($this->app->config()->retryBackoffSeconds, self::random(...));
    }

    private function reaper(): LeaseReaper
    {
        return new LeaseReaper($this->app->database(), $this->failedRun(), $this->clockCorrection(), $this->app->clock());
    }

    private function clockCorrection(): ClockCorrection
    {
        $leaseSeconds = $this->app->config()->leaseSeconds;
        return new ClockCorrection($this->app->database(), $this->retryDelay(), $this->app->clock(), $leaseSeconds);
    }

    private function completion(): JobCompletion
    {
        $config = $this->app->config();
        return new JobCompletion(
            $this->app->database(),
            $this->store(),
            $this->leases(),
            new StackVerifier($this->app->storage()),
            $this->register(),
            $this->publication(),
            new TrustPolicy($config->volunteerProbation, $config->volunteerCheckEvery, self::random(...)),
            $this->held(),
            $this->secondOpinions(),
            $this->knownAnswerCheck(),
            $this->keyTrust(),
            $this->app->log(),
            $this->app->clock(),
            $config->storageBase,
        );
    }

    private function publication(): JobPublication
    {
        return new JobPublication(
            $this->store(),
            $this->raws(),
            $this->register(),
            $this->workers(),
            $this->app->clock(),
            $this->app->config()->rawGraceHours,
        );
    }

    private function knownAnswerCheck(): KnownAnswerCheck
    {
        return new KnownAnswerCheck(
            $this->app->database(),
            $this->store(),
            $this->held(),
            $this->secondOpinions(),
            new PublishedFigures($this->app->database(), $this->app->storage()),
            $this->app->clock(),
        );
    }

    /** From 0 up to, but not including, 1. */
    private static function random(): float
    {
        return random_int(0, 999_999) / 1_000_000;
    }

    private function secondOpinions(): SecondOpinions
    {
        return new SecondOpinions($this->held(), $this->keyTrust(), $this->workers(), $this->events(), $this->app->storage());
    }

    private function resultUpload(): ResultUpload
    {
        return new ResultUpload(
            $this->leases(),
            $this->app->spool(),
            $this->app->storage(),
            new StackVerifier($this->app->storage()),
            $this->app->config()->storageBase,
            $this->app->config()->maxResultBytes,
        );
    }
}
