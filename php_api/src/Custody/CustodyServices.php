<?php

declare(strict_types=1);

namespace CrowdSky\Custody;

use CrowdSky\Database\IdSequence;
use CrowdSky\Hosts\HostServices;
use CrowdSky\Kernel\App;

/**
 * Wires what decides which files in storage may be deleted or moved.
 */
final class CustodyServices
{
    private function __construct(private readonly App $app)
    {
    }

    public static function of(App $app): self
    {
        return new self($app);
    }

    public function ids(): ArchiveIds
    {
        return new ArchiveIds($this->app->database(), $this->app->clock());
    }

    public function custody(): Custody
    {
        return new Custody(
            $this->ids(),
            $this->app->storage(),
            $this->app->spool(),
            $this->app->log(),
            HostServices::of($this->app)->identity(),
            $this->app->config()->storageBase,
        );
    }

    public function trash(): Trash
    {
        return new Trash($this->app->database(), $this->app->clock(), $this->app->config()->storageBase);
    }

    public function gate(): StorageGate
    {
        return new StorageGate(
            $this->app->storage(),
            $this->custody(),
            new Ownership($this->app->database(), $this->app->storage(), $this->ids()),
            $this->trash(),
            $this->app->log(),
            $this->app->config()->storageBase,
        );
    }

    public function restoration(): Restoration
    {
        return new Restoration(
            $this->app->storage(),
            $this->app->raws(),
            new IdSequence($this->app->database()),
            $this->custody(),
            $this->app->config()->storageBase,
        );
    }

    public function leftovers(): Leftovers
    {
        return new Leftovers($this->app->database(), $this->gate(), $this->app->config()->storageBase);
    }
}
