<?php

declare(strict_types=1);

namespace CrowdSky\Series;

use CrowdSky\Custody\CustodyServices;
use CrowdSky\Jobs\JobServices;
use CrowdSky\Kernel\App;
use CrowdSky\Queue\QueueServices;
use CrowdSky\Raws\RawServices;
use CrowdSky\Results\ResultServices;
use CrowdSky\Stacks\StackArchive;
use CrowdSky\Stars\StarServices;

/** Wires the series of shorter stacks. */
final class SeriesServices
{
    private function __construct(private readonly App $app)
    {
    }

    public static function of(App $app): self
    {
        return new self($app);
    }

    public function store(): SeriesStore
    {
        return new SeriesStore($this->app->database());
    }

    public function orders(): SeriesOrders
    {
        $jobs = JobServices::of($this->app);
        return new SeriesOrders(
            $this->app->database(),
            $jobs->store(),
            $jobs->events(),
            RawServices::of($this->app)->frames(),
            $this->store(),
            $this->app->storage(),
            $this->app->clock(),
            $this->app->config()->rawGraceHours,
        );
    }

    public function wishes(): SeriesWishes
    {
        return new SeriesWishes($this->app->database(), $this->orders(), new StackArchive($this->app->database()));
    }

    public function intake(): SeriesIntake
    {
        return new SeriesIntake(
            $this->app->database(),
            JobServices::of($this->app)->store(),
            QueueServices::of($this->app)->leases(),
            $this->app->spool(),
            RawServices::of($this->app)->frames(),
            $this->store(),
            $this->files(),
            $this->app->clock(),
        );
    }

    public function files(): SeriesFiles
    {
        return new SeriesFiles(
            $this->app->storage(),
            ResultServices::of($this->app)->verifier(),
            CustodyServices::of($this->app)->gate(),
            $this->store(),
            $this->app->config()->storageBase,
        );
    }

    public function stars(): SeriesStars
    {
        $stars = StarServices::of($this->app);
        return new SeriesStars(
            $this->app->database(),
            $this->store(),
            new SeriesReader($this->app->storage()),
            $stars->epochs(),
            $stars->intake(),
            $this->app->clock(),
            $this->app->log(),
        );
    }

    public function framesInUse(): FramesInUse
    {
        return new FramesInUse($this->app->database(), $this->store(), ResultServices::of($this->app)->verifier(), $this->app->log());
    }
}
