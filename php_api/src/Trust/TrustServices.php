<?php

declare(strict_types=1);

namespace CrowdSky\Trust;

use CrowdSky\Jobs\JobServices;
use CrowdSky\Kernel\App;
use CrowdSky\Results\ResultServices;
use CrowdSky\Workers\WorkerServices;

/**
 * Wires the classes that decide which results of volunteers are published.
 */
final class TrustServices
{
    private function __construct(private readonly App $app)
    {
    }

    public static function of(App $app): self
    {
        return new self($app);
    }

    public function policy(): TrustPolicy
    {
        $config = $this->app->config();
        return new TrustPolicy($config->volunteerProbation, $config->volunteerCheckEvery, $this->app->random(...));
    }

    public function held(): HeldResults
    {
        return new HeldResults($this->app->database(), $this->app->clock());
    }

    public function verdicts(): Verdicts
    {
        $workers = WorkerServices::of($this->app);
        return new Verdicts($this->held(), $workers->keyTrust(), $workers->registry(), JobServices::of($this->app)->events());
    }

    public function figures(): FigureReader
    {
        return new FigureReader($this->app->database(), $this->app->storage());
    }

    public function decisions(): HeldDecisions
    {
        $results = ResultServices::of($this->app);
        return new HeldDecisions(
            $this->app->database(),
            JobServices::of($this->app)->store(),
            $this->held(),
            $this->verdicts(),
            $results->publication(),
            $results->verifier(),
            $this->app->log(),
        );
    }

    public function knownAnswers(): KnownAnswers
    {
        return new KnownAnswers(
            $this->app->database(),
            JobServices::of($this->app)->store(),
            $this->app->clock(),
            $this->app->config()->rawGraceHours,
            $this->app->config()->volunteerKnownAnswerEvery,
            $this->app->random(...),
        );
    }

    public function knownAnswerCheck(): KnownAnswerCheck
    {
        return new KnownAnswerCheck(
            $this->app->database(),
            JobServices::of($this->app)->store(),
            $this->held(),
            $this->verdicts(),
            $this->figures(),
        );
    }
}
