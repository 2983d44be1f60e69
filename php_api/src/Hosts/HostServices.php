<?php

declare(strict_types=1);

namespace CrowdSky\Hosts;

use CrowdSky\Kernel\App;

/**
 * Wires what recognises the host that answers.
 */
final class HostServices
{
    private function __construct(private readonly App $app)
    {
    }

    public static function of(App $app): self
    {
        return new self($app);
    }

    public function identity(): HostIdentity
    {
        return new HostIdentity($this->app->database(), $this->app->data(), $this->app->clock(), $this->app->log());
    }
}
