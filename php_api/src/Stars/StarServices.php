<?php

declare(strict_types=1);

namespace CrowdSky\Stars;

use CrowdSky\Changes\StackChanges;
use CrowdSky\Kernel\App;

/** Wires the archive's list of stars and what stacks saw of them. */
final class StarServices
{
    private function __construct(private readonly App $app)
    {
    }

    public static function of(App $app): self
    {
        return new self($app);
    }

    public function intake(): StarIntake
    {
        return new StarIntake($this->app->database(), $this->reader(), $this->epochs(), $this->app->log());
    }

    public function reader(): StackReader
    {
        return new StackReader($this->app->storage());
    }

    public function register(): StarRegister
    {
        return new StarRegister($this->app->database());
    }

    public function epochs(): EpochRegister
    {
        $database = $this->app->database();
        return new EpochRegister($database, $this->register(), new NewSourceRecords($database), new StackChanges($database), $this->app->clock());
    }

    public function search(): StarSearch
    {
        return new StarSearch($this->app->database());
    }

    public function measuredSky(): MeasuredSky
    {
        return new MeasuredSky($this->app->database());
    }
}
