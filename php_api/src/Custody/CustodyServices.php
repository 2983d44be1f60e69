<?php

declare(strict_types=1);

namespace CrowdSky\Custody;

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
            $this->app->config()->storageBase,
        );
    }
}
