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
 * Wires what accepts finished work.
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
            $this->app->database(),
            JobServices::of($this->app)->store(),
            QueueServices::of($this->app)->leases(),
            $results->verifier(),
            $results->register(),
            $results->publication(),
            $trust->policy(),
            $trust->held(),
            $trust->secondOpinions(),
            $trust->knownAnswerCheck(),
            WorkerServices::of($this->app)->keyTrust(),
            $this->app->log(),
            $this->app->clock(),
            $this->app->config()->storageBase,
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
}
