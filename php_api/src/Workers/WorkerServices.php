<?php

declare(strict_types=1);

namespace CrowdSky\Workers;

use CrowdSky\Kernel\App;
use CrowdSky\Keys\KeyThrottle;

/**
 * Wires workers and their keys.
 */
final class WorkerServices
{
    private function __construct(private readonly App $app)
    {
    }

    public static function of(App $app): self
    {
        return new self($app);
    }

    public function keys(): KeyStore
    {
        return new KeyStore($this->app->database(), $this->app->clock());
    }

    public function keyTrust(): KeyTrust
    {
        return new KeyTrust($this->app->database(), $this->app->clock());
    }

    public function auth(): WorkerAuth
    {
        return new WorkerAuth($this->keys(), KeyThrottle::of($this->app));
    }

    public function volunteers(): Volunteers
    {
        return new Volunteers($this->app->database(), $this->app->clock(), $this->keys(), $this->app->config()->volunteerKeys);
    }

    public function registry(): WorkerRegistry
    {
        return new WorkerRegistry($this->app->database(), $this->app->clock());
    }
}
