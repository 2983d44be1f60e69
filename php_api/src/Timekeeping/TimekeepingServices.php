<?php

declare(strict_types=1);

namespace CrowdSky\Timekeeping;

use CrowdSky\Kernel\App;

/**
 * Wires what decides whether something may be deleted because of its age.
 */
final class TimekeepingServices
{
    private function __construct(private readonly App $app)
    {
    }

    public static function of(App $app): self
    {
        return new self($app);
    }

    public function runs(): CleanupRuns
    {
        $database = $this->app->database();
        $config = $this->app->config();
        $hours = max(24 * $config->failedRawDays, $config->uploadExpiryHours, $config->rawGraceHours, $config->orphanMinAgeHours, 24);
        return new CleanupRuns(
            $database,
            new ClockReader($this->app->clock(), $database, $this->app->data()->path('spool')),
            new ClockJudge(new ActivityTrail($database), 3600 * $hours),
            $this->app->log(),
        );
    }

    public function marks(): DueMarks
    {
        return new DueMarks($this->app->database(), $this->app->config()->cleanupConfirmHours);
    }
}
