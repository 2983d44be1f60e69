<?php

declare(strict_types=1);

namespace CrowdSky\Results;

use CrowdSky\Changes\StackChanges;
use CrowdSky\Jobs\JobServices;
use CrowdSky\Kernel\App;
use CrowdSky\Measurements\MeasurementStore;
use CrowdSky\Raws\RawServices;
use CrowdSky\Workers\WorkerServices;

/**
 * Wires what verifies results and takes them into the archive.
 */
final class ResultServices
{
    private function __construct(private readonly App $app)
    {
    }

    public static function of(App $app): self
    {
        return new self($app);
    }

    public function verifier(): StackVerifier
    {
        return new StackVerifier(
            $this->app->storage(),
            new StackExpectations(RawServices::of($this->app)->frames()),
            new ArchivedCopy($this->app->database(), $this->app->storage()),
        );
    }

    public function register(): StackRegister
    {
        $database = $this->app->database();
        return new StackRegister($database, new MeasurementStore($database), $this->replaced(), new StackChanges($database));
    }

    public function archiveFacts(): ArchiveFacts
    {
        return new ArchiveFacts($this->app->database(), $this->register(), new MeasurementStore($this->app->database()));
    }

    public function publication(): JobPublication
    {
        return new JobPublication(
            JobServices::of($this->app)->store(),
            RawServices::of($this->app)->frames(),
            $this->register(),
            $this->superseded(),
            WorkerServices::of($this->app)->registry(),
            new FrameCounts($this->app->database(), JobServices::of($this->app)->runs()),
            $this->app->clock(),
            $this->app->config()->rawGraceHours,
        );
    }

    public function superseded(): SupersededStacks
    {
        $jobs = JobServices::of($this->app);
        return new SupersededStacks(
            $this->app->database(),
            $jobs->store(),
            $jobs->events(),
            $this->replaced(),
            new StackChanges($this->app->database()),
            $this->app->clock(),
        );
    }

    public function damage(): StackDamage
    {
        $jobs = JobServices::of($this->app);
        return new StackDamage(
            $this->app->database(),
            $jobs->store(),
            $jobs->revival(),
            $jobs->events(),
            RawServices::of($this->app)->frames(),
            $this->app->clock(),
            $this->app->config()->rawGraceHours,
        );
    }

    public function replaced(): ReplacedObjects
    {
        return new ReplacedObjects($this->app->database(), $this->app->clock(), $this->app->config()->rawGraceHours);
    }
}
