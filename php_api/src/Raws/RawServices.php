<?php

declare(strict_types=1);

namespace CrowdSky\Raws;

use CrowdSky\Hosts\HostServices;
use CrowdSky\Kernel\App;

/**
 * Wires what hands out raw frames and deletes them.
 */
final class RawServices
{
    private function __construct(private readonly App $app)
    {
    }

    public static function of(App $app): self
    {
        return new self($app);
    }

    public function frames(): RawFrames
    {
        return new RawFrames($this->app->database(), $this->app->raws(), $this->app->clock());
    }

    public function zones(): TelescopeZones
    {
        return new TelescopeZones($this->app->database());
    }

    public function positions(): TelescopePositions
    {
        return new TelescopePositions($this->app->database());
    }

    public function copies(): FrameCopies
    {
        return new FrameCopies($this->frames(), HostServices::of($this->app)->identity());
    }
}
