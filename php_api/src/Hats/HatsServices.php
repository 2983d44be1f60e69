<?php

declare(strict_types=1);

namespace CrowdSky\Hats;

use CrowdSky\Calibrations\CalibrationChoice;
use CrowdSky\Custody\CustodyServices;
use CrowdSky\Jobs\JobServices;
use CrowdSky\Kernel\App;
use CrowdSky\Queue\QueueServices;

/** Wires the export of light curves. */
final class HatsServices
{
    private function __construct(private readonly App $app)
    {
    }

    public static function of(App $app): self
    {
        return new self($app);
    }

    public function folder(): HatsFolder
    {
        return new HatsFolder($this->app->data()->path('sky/hats'));
    }

    public function files(): HatsFiles
    {
        return new HatsFiles($this->app->database());
    }

    public function builds(): HatsBuilds
    {
        return new HatsBuilds(
            $this->plan(),
            new EpochPixels($this->app->database()),
            $this->cells(),
            $this->publication(),
            $this->folder(),
            JobServices::of($this->app)->ofArchive(),
            $this->app->clock(),
        );
    }

    public function intake(): HatsIntake
    {
        return new HatsIntake(
            $this->app->database(),
            JobServices::of($this->app)->store(),
            QueueServices::of($this->app)->leases(),
            $this->app->spool(),
            $this->cells(),
            new CellUpload($this->folder(), $this->plan(), $this->rows(), $this->app->config()->maxResultBytes),
            $this->publication(),
            $this->app->clock(),
        );
    }

    public function plan(): HatsPlan
    {
        $config = $this->app->config();
        return new HatsPlan($this->app->database(), CalibrationChoice::of($this->app), $config->exportPartitionObservations);
    }

    public function cellFile(): CellFile
    {
        return new CellFile($this->rows(), CalibrationChoice::of($this->app));
    }

    private function rows(): CellRows
    {
        return new CellRows($this->app->database());
    }

    private function cells(): HatsCells
    {
        return new HatsCells($this->app->database());
    }

    private function publication(): HatsPublication
    {
        $database = $this->app->database();
        $ids = CustodyServices::of($this->app)->ids();
        $description = new HatsDescription($this->files(), $this->cells(), $this->folder(), $ids, $this->app->clock());
        return new HatsPublication($database, $this->cells(), $this->files(), $description);
    }
}
