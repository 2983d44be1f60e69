<?php

declare(strict_types=1);

namespace CrowdSky\Calibrations;

use CrowdSky\Jobs\JobServices;
use CrowdSky\Kernel\App;
use CrowdSky\Queue\QueueServices;
use CrowdSky\Results\ResultServices;
use CrowdSky\Variables\VariableCatalogues;

/** Wires the calibrations of fields. */
final class CalibrationServices
{
    private function __construct(private readonly App $app)
    {
    }

    public static function of(App $app): self
    {
        return new self($app);
    }

    public function queue(): CalibrationQueue
    {
        return new CalibrationQueue(
            $this->app->database(),
            $this->epochs(),
            JobServices::of($this->app)->ofArchive(),
            JobServices::of($this->app)->store(),
            $this->files(),
            $this->app->clock(),
            $this->app->data()->secret(),
            $this->app->config()->calibrateHours,
        );
    }

    public function ordered(): OrderedJobs
    {
        return new OrderedJobs($this->app->database(), QueueServices::of($this->app)->leases(), $this->epochs(), $this->files());
    }

    public function intake(): CalibrationIntake
    {
        $database = $this->app->database();
        $stars = new OrderedStars($database);
        return new CalibrationIntake(
            $database,
            JobServices::of($this->app)->store(),
            $this->ordered(),
            $this->app->spool(),
            $stars,
            new CalibrationArchive(
                $database,
                $stars,
                $this->app->spool(),
                $this->app->storage(),
                ResultServices::of($this->app)->verifier(),
                $this->app->config()->storageBase,
            ),
            $this->register(),
            $this->app->clock(),
        );
    }

    public function register(): CalibrationRegister
    {
        return new CalibrationRegister($this->app->database());
    }

    private function epochs(): FieldEpochs
    {
        return new FieldEpochs($this->app->database());
    }

    private function files(): ObservationsFiles
    {
        $database = $this->app->database();
        $names = new TelescopeNames($this->app->data()->secret());
        $file = new ObservationsFile($database, new OrderedStars($database), new VariableCatalogues($database, $this->app->clock()), $names);
        return new ObservationsFiles($database, $this->app->spool(), $this->app->data(), $file);
    }
}
