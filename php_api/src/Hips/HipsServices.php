<?php

declare(strict_types=1);

namespace CrowdSky\Hips;

use CrowdSky\Custody\CustodyServices;
use CrowdSky\Jobs\JobServices;
use CrowdSky\Kernel\App;
use CrowdSky\Queue\QueueServices;
use CrowdSky\Sky\SkyServices;
use CrowdSky\Stacks\PublicCopies;

/** Wires the picture of the sky. */
final class HipsServices
{
    private function __construct(private readonly App $app)
    {
    }

    public static function of(App $app): self
    {
        return new self($app);
    }

    public function folder(): HipsFolder
    {
        return new HipsFolder($this->app->data()->path('sky/hips'));
    }

    public function builds(): HipsBuilds
    {
        return new HipsBuilds(
            $this->app->database(),
            new HipsPlan(SkyServices::of($this->app)->solved()),
            $this->cells(),
            $this->publication(),
            PublicCopies::of($this->app),
            JobServices::of($this->app)->ofArchive(),
        );
    }

    public function intake(): HipsIntake
    {
        return new HipsIntake(
            $this->app->database(),
            JobServices::of($this->app)->store(),
            QueueServices::of($this->app)->leases(),
            $this->app->spool(),
            SkyServices::of($this->app)->solved(),
            $this->cells(),
            $this->publication(),
            $this->app->clock(),
        );
    }

    private function cells(): HipsCells
    {
        return new HipsCells($this->app->database());
    }

    private function publication(): HipsPublication
    {
        return new HipsPublication($this->folder(), $this->cells(), CustodyServices::of($this->app)->ids(), $this->app->clock());
    }
}
