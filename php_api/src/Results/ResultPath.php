<?php

declare(strict_types=1);

namespace CrowdSky\Results;

use CrowdSky\Fits\CardTable;
use CrowdSky\Storage\StoragePath;

/**
 * The only place where paths of archived results are built. Two names are valid for each result of a job: the final one
 * and that of the attempt, which includes the attempt's tag so that two attempts never write to the same name.
 *
 * The folder is called after the object if that is a known target; else its name could be any text, and folders can be
 * listed by others. Workers of runs that began before this rule still use the name itself.
 */
final class ResultPath
{
    private function __construct(private readonly string $stem, private readonly string $ownersStem)
    {
    }

    /** @param string $base such as /crowdsky */
    public static function ofJob(string $base, int $userId, ?string $objectName, string $chunkKey, int $jobId): self
    {
        $stem = static fn (?string $name): string => "$base/stacks/user_$userId/" . self::objectFolder($name) . "/stack_{$chunkKey}_$jobId";
        return new self($stem(CardTable::get()->publicText('OBJECT', $objectName)), $stem($objectName));
    }

    /** Returns the name of one run. */
    public function attempt(ResultKind $kind, string $attemptTag): string
    {
        return StoragePath::check("{$this->stem}.$attemptTag{$kind->suffix()}");
    }

    /** @return list<string> the names a file of that kind may be reported under; the first two are those of the rule */
    public function names(ResultKind $kind, string $attemptTag): array
    {
        $names = [];
        foreach ([$this->stem, $this->ownersStem] as $stem) {
            array_push($names, StoragePath::check("$stem{$kind->suffix()}"), StoragePath::check("$stem.$attemptTag{$kind->suffix()}"));
        }
        return array_values(array_unique($names));
    }

    /** Returns the path of the stack to which a file belongs, by the names of both; a stack belongs to itself. */
    public static function stackOf(string $path): string
    {
        foreach (ResultKind::cases() as $kind) {
            if (str_ends_with($path, $kind->suffix())) {
                return substr($path, 0, -strlen($kind->suffix())) . ResultKind::Stack->suffix();
            }
        }
        return $path;
    }

    /** Turns the object's name into a folder name: plain characters, no leading dot, at most 64 of them. */
    private static function objectFolder(?string $objectName): string
    {
        $name = mb_scrub((string) $objectName, 'UTF-8');
        $plain = preg_replace('/[^A-Za-z0-9._+-]/u', '_', $name) ?? '';
        $folder = substr(ltrim($plain, '.'), 0, 64);
        return $folder === '' ? 'unknown' : $folder;
    }
}
