<?php

declare(strict_types=1);

namespace CrowdSky\Statistics;

use CrowdSky\Jobs\JobServices;
use CrowdSky\Kernel\App;

/** Wires the statistics that operators look at. */
final class StatisticsServices
{
    private function __construct(private readonly App $app)
    {
    }

    public static function of(App $app): self
    {
        return new self($app);
    }

    public function activity(): Activity
    {
        return new Activity($this->app->database(), $this->app->clock());
    }

    public function levels(): StorageLevels
    {
        return new StorageLevels($this->app->database(), $this->app->clock(), $this->app->config()->dataDir);
    }

    public function archive(): ArchiveUse
    {
        return new ArchiveUse($this->app->database());
    }

    public function raws(): RawUse
    {
        $config = $this->app->config();

        return new RawUse($this->app->database(), $config->rawGraceHours, $config->failedRawDays);
    }

    public function workers(): WorkerFigures
    {
        return new WorkerFigures($this->app->database(), JobServices::of($this->app)->runs(), $this->app->clock());
    }
}
