<?php

declare(strict_types=1);

namespace CrowdSky\Completion;

use CrowdSky\Jobs\JobServices;
use CrowdSky\Kernel\App;
use CrowdSky\Queue\QueueServices;
use CrowdSky\Results\ResultServices;
use CrowdSky\Trust\TrustServices;
use CrowdSky\Workers\WorkerServices;

/**
 * Wires the classes that take finished work in.
 */
final class CompletionServices
{
    private function __construct(private readonly App $app)
    {
    }

    public static function of(App $app): self
    {
        return new self($app);
    }

    public function completion(): JobCompletion
    {
        $results = ResultServices::of($this->app);
        $trust = TrustServices::of($this->app);
        return new JobCompletion(
            JobServices::of($this->app)->store(),
            QueueServices::of($this->app)->leases(),
            new RepeatedReport($results->register(), $trust->held()),
            new ReportRules($trust->held(), $this->app->config()->storageBase),
            $results->verifier(),
            $trust->knownAnswerCheck(),
            $this->intake(),
            $this->app->log(),
        );
    }

    public function upload(): ResultUpload
    {
        return new ResultUpload(
            QueueServices::of($this->app)->leases(),
            $this->app->spool(),
            $this->app->storage(),
            ResultServices::of($this->app)->verifier(),
            $this->app->config()->storageBase,
            $this->app->config()->maxResultBytes,
        );
    }

    private function intake(): ResultIntake
    {
        $trust = TrustServices::of($this->app);
        return new ResultIntake(
            $this->app->database(),
            JobServices::of($this->app)->store(),
            $trust->policy(),
            $trust->figures(),
            $trust->held(),
            $trust->verdicts(),
            ResultServices::of($this->app)->publication(),
            WorkerServices::of($this->app)->keyTrust(),
        );
    }
}
