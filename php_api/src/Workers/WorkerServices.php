<?php

declare(strict_types=1);

namespace CrowdSky\Workers;

use CrowdSky\Kernel\App;

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
        $config = $this->app->config();
        $throttle = new KeyThrottle($this->app->database(), $this->app->clock(), $config->maxKeyFailures, $config->failureWindowSeconds);
        return new WorkerAuth($this->keys(), $throttle);
    }

    public function registry(): WorkerRegistry
    {
        return new WorkerRegistry($this->app->database(), $this->app->clock());
    }
}
