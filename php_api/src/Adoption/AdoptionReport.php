<?php

declare(strict_types=1);

namespace CrowdSky\Adoption;

/**
 * What an adoption does with the stacks, series and calibrations that have no row: a line for each, and their numbers.
 */
final class AdoptionReport
{
    /** Those that the archive has already. */
    public int $referred = 0;
    /** @var array<string, int> */
    private array $counts = ['adopted' => 0, 'left' => 0, 'damaged' => 0, 'foreign' => 0, 'no owner' => 0];

    /** @param \Closure(string): void $say */
    public function __construct(public readonly bool $dryRun, private readonly \Closure $say)
    {
    }

    public function adopted(string $path, string $as): void
    {
        $this->counts['adopted']++;
        ($this->say)(($this->dryRun ? 'would adopt' : 'adopted') . "\t$path\t$as");
    }

    /** Why something is left whose stacks are missing; a dry run adopts none of them. */
    public function without(string $why): string
    {
        return $this->dryRun ? "$why; those that are adopted are looked at then" : $why;
    }

    /** A stack that is none of the archive's, such as a second result of a job. */
    public function left(string $path, string $why): void
    {
        $this->note('left', $path, $why);
    }

    public function damaged(string $path, string $why): void
    {
        $this->note('damaged', $path, $why);
    }

    public function foreign(string $path, string $why): void
    {
        $this->note('foreign', $path, $why);
    }

    public function ownerless(string $path, string $why): void
    {
        $this->note('no owner', $path, $why);
    }

    public function postponed(string $what, string $why): void
    {
        ($this->say)("postponed\t$what\t$why");
    }

    public function asText(): string
    {
        return ($this->dryRun ? 'dry run, nothing changed; to be adopted: ' : 'adopted: ') . "{$this->counts['adopted']}; "
            . "{$this->referred} in the archive already, {$this->counts['left']} left, {$this->counts['damaged']} damaged, "
            . "{$this->counts['foreign']} of other archives, {$this->counts['no owner']} without an owner\n";
    }

    private function note(string $kind, string $path, string $why): void
    {
        $this->counts[$kind]++;
        ($this->say)("$kind\t$path\t$why");
    }
}
