<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Layers;

/**
 * Which folder of the site may know which: a folder knows those on the floors below its own, and nothing else.
 *
 * Folders on one floor do not know each other, so there can be no circle. What stands outside of src has rules of
 * its own, see OUTSIDE.
 */
final class LayerRules
{
    /** The top floor first; a new folder of src is added here, where it belongs. */
    private const FLOORS = [
        ['Pages', 'Api\\Worker', 'Api\\Client', 'Api\\Data', 'Api\\Vo', 'Api\\Operator'],
        ['Adoption', 'Cleanup', 'Operations', 'Hips'],
        ['LightCurves', 'Hats'],
        ['Calibrations', 'Series'],
        ['Stars', 'Variables', 'Gallery', 'Statistics'],
        ['Sky', 'Regrouping', 'Bulk'],
        ['Stacks', 'Rescans', 'Completion', 'Uploads'],
        ['Queue'],
        ['Trust'],
        ['Custody'],
        ['Results'],
        ['Raws', 'Jobs', 'Measurements'],
        ['Workers', 'Accounts', 'Timekeeping', 'Hosts'],
        ['Keys', 'Changes', 'Mail'],
        ['Chunks'],
        ['Kernel'],
        ['Fits'],
        ['Storage', 'Database', 'Http', 'Tables'],
        ['Base'],
    ];

    /** What the scripts that the web server runs may name, by the first pattern that fits their path. */
    private const OUTSIDE = [
        '#^public/api/#' => ['Api', 'Kernel', 'Http'],
        '#^public/#' => ['Pages', 'Kernel'],
    ];

    /** Commands use the subjects themselves; pages and calls are for the web. */
    private const NOT_IN_COMMANDS = ['Pages', 'Api'];

    /** Templates show what they are given: they ask no database, no storage and no service for more. */
    private const NOT_IN_TEMPLATES = ['Kernel', 'Database', 'Storage', 'Http'];

    /** Answering in numbers and headers is left to the faces of HTTP; all other folders refuse with a Base\Refusal. */
    private const FACES = ['Http', 'Kernel', 'Accounts', 'Api\\Worker', 'Api\\Client', 'Api\\Data', 'Api\\Vo', 'Api\\Operator'];
    private const ONLY_IN_FACES = 'CrowdSky\\Http\\HttpError';

    /** @var list<string> */
    private array $complaints = [];
    /** @var array<string, array<string, string>> the first place where a folder names another one */
    private array $edges = [];

    private function __construct(private readonly string $root)
    {
    }

    /**
     * @param string $root the folder that holds src, public, bin and templates
     * @return list<string> a sentence for everything that breaks a rule
     */
    public static function complaints(string $root): array
    {
        $rules = new self($root);
        foreach ($rules->files() as $path) {
            $rules->check($path);
        }
        $rules->findCircles();
        return $rules->complaints;
    }

    /** @return list<string> all PHP files, relative to the root, in order */
    private function files(): array
    {
        $files = [];
        foreach (new \RecursiveIteratorIterator(new \RecursiveDirectoryIterator($this->root, \FilesystemIterator::SKIP_DOTS)) as $file) {
            $path = substr($file->getPathname(), strlen($this->root) + 1);
            if (preg_match('#^(src|public|bin|templates)/.*\.php$#', $path) === 1 && $path !== 'src/autoload.php') {
                $files[] = $path;
            }
        }
        sort($files);
        return $files;
    }

    private function check(string $path): void
    {
        $code = (string) file_get_contents("{$this->root}/$path");
        $isSource = str_starts_with($path, 'src/');
        $own = $isSource ? strtr(substr(dirname($path), strlen('src/')), '/', '\\') : '';
        if ($isSource && self::floor($own) === null) {
            $this->complaints[] = "$path: " . self::unknown($own);
            return;
        }
        foreach (CodeReferences::of($code) as ['class' => $class, 'line' => $line]) {
            $complaint = $isSource ? $this->ofSource($own, $class, "$path:$line") : self::ofOutside($path, $class);
            if ($complaint !== null) {
                $this->complaints[] = "$path:$line: $complaint";
            }
        }
        if (str_starts_with($path, 'templates/')) {
            $this->checkTemplate($path, $code);
        }
        if (preg_match('#^(src/(Pages|Api)|public|bin|templates)/#', $path) === 1) {
            $this->checkQueries($path, $code);
        }
    }

    private function ofSource(string $own, string $class, string $place): ?string
    {
        $other = self::folderOf($class);
        $from = self::floor($own);
        $to = self::floor($other);
        if ($to === null) {
            return "no $class: " . self::unknown($other);
        }
        if ($class === self::ONLY_IN_FACES && !in_array(self::part($own), self::FACES, true)) {
            return self::part($own) . " must not know $class: refuse with a Base\\Refusal";
        }
        if (self::part($own) === self::part($other)) {
            return null;
        }
        $this->edges[self::part($own)][self::part($other)] ??= $place;
        return match (true) {
            $to < $from => self::part($own) . " must not know $class: " . self::part($other) . ' stands above it',
            $to === $from => self::part($own) . " must not know $class: " . self::part($other) . ' stands beside it',
            default => null,
        };
    }

    private static function ofOutside(string $path, string $class): ?string
    {
        $folder = self::folderOf($class);
        $top = explode('\\', $folder)[0];
        foreach (self::OUTSIDE as $pattern => $allowed) {
            if (preg_match($pattern, $path) === 1) {
                return in_array($top, $allowed, true) ? null : "$class is in $folder; here only " . implode(', ', $allowed) . ' may be named';
            }
        }
        $isCommand = str_starts_with($path, 'bin/');
        if (in_array($top, $isCommand ? self::NOT_IN_COMMANDS : self::NOT_IN_TEMPLATES, true)) {
            return ($isCommand ? 'a command' : 'a template') . " must not know $class: $folder is not for it";
        }
        return !$isCommand && str_ends_with($class, 'Services') ? "a template must not know $class: it shows what it is given" : null;
    }

    private function checkTemplate(string $path, string $code): void
    {
        foreach (\PhpToken::tokenize($code) as $token) {
            if ($token->is(T_NEW)) {
                $this->complaints[] = "$path:{$token->line}: a template must not make an object: it shows what it is given";
            }
        }
    }

    /** What answers a request or a command asks a subject, and the subject asks the database. */
    private function checkQueries(string $path, string $code): void
    {
        foreach (preg_split('/\R/', $code) ?: [] as $number => $line) {
            if (preg_match('/database(\(\))?->(all|one|value|execute|insert|statement)\b/', $line) === 1) {
                $this->complaints[] = sprintf('%s:%d: a query belongs in the folder of its subject', $path, $number + 1);
            }
        }
    }

    /** Says which files close a circle of folders, whatever the floors are. */
    private function findCircles(): void
    {
        foreach (array_keys($this->edges) as $start) {
            $circle = $this->circleThrough($start);
            // The folder that comes first in the alphabet speaks for the circle.
            if ($circle !== null && min($circle) === $start) {
                $steps = [];
                foreach ($circle as $at => $folder) {
                    $next = $circle[$at + 1] ?? $start;
                    $steps[] = "$folder knows $next ({$this->edges[$folder][$next]})";
                }
                $this->complaints[] = 'the folders ' . implode(', ', $circle) . ' form a circle: ' . implode(', ', $steps);
            }
        }
    }

    /** @return list<string>|null the shortest way from the folder back to itself */
    private function circleThrough(string $start): ?array
    {
        $ways = [[$start]];
        $seen = [];
        while (($way = array_shift($ways)) !== null) {
            foreach (array_keys($this->edges[end($way)] ?? []) as $next) {
                if ($next === $start) {
                    return $way;
                }
                if (!isset($seen[$next])) {
                    $seen[$next] = true;
                    $ways[] = [...$way, $next];
                }
            }
        }
        return null;
    }

    /** @return int|null counted from the top */
    private static function floor(string $folder): ?int
    {
        foreach (self::FLOORS as $floor => $parts) {
            if (in_array(self::part($folder), $parts, true)) {
                return $floor;
            }
        }
        return null;
    }

    /** The folder of the list that a folder belongs to: the folders of the API are apart, all others are one each. */
    private static function part(string $folder): string
    {
        $names = explode('\\', $folder);
        return $names[0] === 'Api' ? implode('\\', array_slice($names, 0, 2)) : $names[0];
    }

    private static function unknown(string $folder): string
    {
        return $folder === '' ? 'every class lies in a folder of src' : "the folder $folder is on no floor; add it to LayerRules::FLOORS";
    }

    private static function folderOf(string $class): string
    {
        return implode('\\', array_slice(explode('\\', $class), 1, -1));
    }
}
