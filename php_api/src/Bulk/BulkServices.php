<?php

declare(strict_types=1);

namespace CrowdSky\Bulk;

use CrowdSky\Jobs\JobServices;
use CrowdSky\Kernel\App;
use CrowdSky\Rescans\Rescans;

/** Wires what is done with many jobs or stacks at once. */
final class BulkServices
{
    private function __construct(private readonly App $app)
    {
    }

    public static function of(App $app): self
    {
        return new self($app);
    }

    public function runs(): BulkRuns
    {
        return new BulkRuns($this->app->database(), JobServices::of($this->app)->admin(), Rescans::of($this->app), $this->app->clock());
    }

    public function forecast(): BulkForecast
    {
        return new BulkForecast($this->app->database());
    }
}
