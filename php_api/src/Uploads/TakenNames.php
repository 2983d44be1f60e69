<?php

declare(strict_types=1);

namespace CrowdSky\Uploads;

/** The file names in one job, of which no two are the same. Case is ignored, as on many disks. */
final class TakenNames
{
    /** @var array<string, true> names in lower case */
    private array $taken = [];
    /** @var array<string, int> the first number that may be free, by the name that is numbered, in lower case */
    private array $next = [];

    /** @param list<string> $names */
    public function __construct(array $names)
    {
        $this->taken = array_fill_keys(array_map(mb_strtolower(...), $names), true);
    }

    /** Takes this name, or `stem_2.fit`, `stem_3.fit` ... if it is taken, and returns it. */
    public function take(DisplayName $wanted): string
    {
        $dot = (int) strrpos($wanted->text, '.');
        $name = $wanted->text;
        $key = mb_strtolower($name);
        $number = $this->next[$key] ?? 2;
        for (; isset($this->taken[mb_strtolower($name)]); $number++) {
            $name = substr($wanted->text, 0, $dot) . '_' . $number . substr($wanted->text, $dot);
        }
        $this->next[$key] = $number;
        $this->taken[mb_strtolower($name)] = true;

        return $name;
    }
}
