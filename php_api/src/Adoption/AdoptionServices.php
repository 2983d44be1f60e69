<?php

declare(strict_types=1);

namespace CrowdSky\Adoption;

use CrowdSky\Accounts\Accounts;
use CrowdSky\Custody\CustodyServices;
use CrowdSky\Jobs\JobServices;
use CrowdSky\Kernel\App;
use CrowdSky\Measurements\MeasurementStore;
use CrowdSky\Results\ResultServices;

/**
 * Wires the adoption of stacks that have no row.
 */
final class AdoptionServices
{
    private function __construct(private readonly App $app)
    {
    }

    public static function of(App $app): self
    {
        return new self($app);
    }

    public function accounts(): Accounts
    {
        return new Accounts($this->app->database(), $this->app->clock());
    }

    public function adoption(): Adoption
    {
        $database = $this->app->database();
        $storage = $this->app->storage();
        $jobs = JobServices::of($this->app);
        $results = ResultServices::of($this->app);
        $ids = CustodyServices::of($this->app)->ids();
        return new Adoption(
            $database,
            $storage,
            $this->app->config()->storageBase,
            $ids,
            $this->accounts(),
            $results->verifier(),
            new Placements($database, $jobs->store(), $storage, $ids->current(), $this->app->clock()),
            new StackAdmission(
                $database,
                $jobs->store(),
                $jobs->events(),
                $results->publication(),
                $results->register(),
                new MeasurementStore($database),
                $this->app->clock(),
            ),
        );
    }
}
