<?php

declare(strict_types=1);

namespace CrowdSky\Jobs;

use CrowdSky\Kernel\App;
use CrowdSky\Workers\WorkerServices;

/**
 * Wires what stores jobs and changes their state.
 */
final class JobServices
{
    private function __construct(private readonly App $app)
    {
    }

    public static function of(App $app): self
    {
        return new self($app);
    }

    public function store(): JobStore
    {
        return new JobStore($this->app->database(), $this->events(), $this->runs(), $this->app->clock());
    }

    public function runs(): JobRuns
    {
        return new JobRuns($this->app->database(), $this->app->clock());
    }

    public function events(): JobEvents
    {
        return new JobEvents($this->app->database(), $this->app->clock());
    }

    public function ofArchive(): ArchiveJobs
    {
        return new ArchiveJobs($this->app->database(), $this->events(), $this->app->clock());
    }

    public function admin(): JobAdmin
    {
        return new JobAdmin($this->app->database(), $this->store(), $this->events(), $this->app->clock());
    }

    public function revival(): JobRevival
    {
        return new JobRevival($this->store());
    }

    public function failedRun(): FailedRun
    {
        return new FailedRun($this->store(), WorkerServices::of($this->app)->registry(), $this->retryDelay(), $this->app->clock());
    }

    public function runTimes(): RunTimes
    {
        return new RunTimes($this->app->database(), $this->app->clock());
    }

    public function retryDelay(): RetryDelay
    {
        return new RetryDelay($this->app->config()->retryBackoffSeconds, $this->app->random(...));
    }
}
