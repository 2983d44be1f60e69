<?php

declare(strict_types=1);

namespace CrowdSky\Queue;

use CrowdSky\Hosts\HostServices;
use CrowdSky\Jobs\JobServices;
use CrowdSky\Jobs\LeaseToken;
use CrowdSky\Kernel\App;
use CrowdSky\Trust\TrustServices;

/**
 * Wires what hands out jobs and takes them back.
 */
final class QueueServices
{
    private function __construct(private readonly App $app)
    {
    }

    public static function of(App $app): self
    {
        return new self($app);
    }

    public function queue(): JobQueue
    {
        return new JobQueue(
            $this->app->database(),
            new QueueOrder($this->app->database()),
            TrustServices::of($this->app)->knownAnswers(),
            $this->reaper(),
            $this->clockCorrection(),
            $this->issuer(),
            $this->leaseLimit(),
            $this->app->clock(),
        );
    }

    public function leases(): LeaseKeeper
    {
        return new LeaseKeeper(JobServices::of($this->app)->store(), $this->app->clock(), $this->term());
    }

    public function term(): LeaseTerm
    {
        $config = $this->app->config();
        return new LeaseTerm($this->app->clock(), $config->leaseSeconds, $config->maxRunHours, $config->maxRescanHours);
    }

    public function outcomes(): JobOutcomes
    {
        $jobs = JobServices::of($this->app);
        return new JobOutcomes($this->app->database(), $jobs->store(), $this->leases(), $jobs->failedRun());
    }

    public function reaper(): LeaseReaper
    {
        $failedRun = JobServices::of($this->app)->failedRun();
        return new LeaseReaper($this->app->database(), $failedRun, $this->clockCorrection(), $this->app->clock(), $this->term());
    }

    private function issuer(): LeaseIssuer
    {
        return new LeaseIssuer(
            $this->app->database(),
            JobServices::of($this->app)->store(),
            new LeaseToken($this->app->data()->secret()),
            $this->app->clock(),
            $this->term(),
            HostServices::of($this->app)->identity(),
        );
    }

    private function leaseLimit(): LeaseLimit
    {
        $config = $this->app->config();
        return new LeaseLimit($this->app->database(), $this->app->clock(), $config->maxLeasesPerKey, $config->volunteerMaxLeases);
    }

    private function clockCorrection(): ClockCorrection
    {
        $delay = JobServices::of($this->app)->retryDelay();
        return new ClockCorrection($this->app->database(), $delay, $this->app->clock(), $this->app->config()->leaseSeconds);
    }
}
