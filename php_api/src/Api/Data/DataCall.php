<?php

declare(strict_types=1);

namespace CrowdSky\Api\Data;

use CrowdSky\Accounts\DataKeyAuth;
use CrowdSky\Accounts\Visitor;
use CrowdSky\Base\Refusal;
use CrowdSky\Http\Request;
use CrowdSky\Kernel\App;
use CrowdSky\Sky\Viewer;

/** What the calls of the data API have in common: who asks, and how parameters are read. */
final class DataCall
{
    private const TIME = '/^(\d{4})-(\d\d)-(\d\d)(?:[T ]([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?)?$/D';

    public function __construct(private readonly Request $request)
    {
    }

    /** @throws Refusal without a valid data key, and after too many wrong ones */
    public static function keyHolder(App $app, Request $request): Viewer
    {
        return Viewer::ofKey(DataKeyAuth::of($app)->require($request));
    }

    /**
     * For calls that answer anybody about public stacks.
     *
     * @throws Refusal for a data key that is not valid, and after too many of those
     */
    public static function anybody(App $app, Request $request): Viewer
    {
        return Viewer::ofKey(DataKeyAuth::of($app)->identify($request));
    }

    /**
     * For calls that programs make with a key and pages with a login.
     *
     * @throws Refusal with neither, and for a data key that is not valid
     */
    public static function reader(App $app, Request $request): Viewer
    {
        $key = DataKeyAuth::of($app)->identify($request);
        if ($key !== null) {
            return Viewer::ofKey($key);
        }
        $user = Visitor::of($app, $request)->user();

        return $user === null ? self::keyHolder($app, $request) : Viewer::of($user);
    }

    /**
     * A misspelt condition that is ignored would find more than was asked for.
     *
     * Only for calls of our own: known clients and the standards of the Virtual Observatory expect others to be ignored.
     *
     * @param list<string> $known names of all parameters of the call
     * @throws Refusal naming the parameters that the call does not have
     */
    public function refuseUnknown(array $known): void
    {
        $names = $this->request->queryNames();
        // Clients of the Virtual Observatory write them in capitals.
        $isCapital = static fn (string $name): bool => $name === strtoupper($name) && !in_array(strtolower($name), $names, true);
        $unknown = array_filter(array_diff($names, $known), static fn (string $name): bool
            => !$isCapital($name) || !in_array(strtolower($name), $known, true));
        if ($unknown !== []) {
            $names = implode("', '", array_map(static fn (string $name): string => mb_substr(mb_scrub($name), 0, 100), array_slice($unknown, 0, 10)));
            throw Refusal::badInput("There is no parameter '$names'; " . ($known === [] ? 'this call has none' : 'there are ' . implode(', ', $known)));
        }
    }

    /** Address of another call of this API, as the client reaches this one. */
    public function address(string $call): string
    {
        return $this->origin() . rtrim(dirname($this->request->script()), '/') . "/$call";
    }

    /** Address of a page, one level above this API. */
    public function page(string $page): string
    {
        return $this->origin() . rtrim(dirname($this->request->script(), 2), '/') . "/$page";
    }

    /** Address of the same call with another `after`. */
    public function following(string $after): string
    {
        $query = (string) parse_url($this->request->target(), PHP_URL_QUERY);
        $kept = array_filter(explode('&', $query), static fn (string $part): bool => $part !== '' && preg_match('/^after=/i', $part) !== 1);

        return $this->address(basename($this->request->script())) . '?' . implode('&', [...$kept, 'after=' . rawurlencode($after)]);
    }

    private function origin(): string
    {
        return ($this->request->isSecure() ? 'https://' : 'http://') . ($this->request->header('Host') ?? 'localhost');
    }

    public function text(string $name, int $longest = 100): ?string
    {
        $value = $this->request->query($name) ?? $this->request->query(strtoupper($name));
        if ($value !== null && mb_strlen($value) > $longest) {
            throw Refusal::badInput("'$name' is longer than $longest characters");
        }

        return $value === '' ? null : $value;
    }

    public function number(string $name, float $least = -1e12, float $most = 1e12): ?float
    {
        $value = $this->text($name);
        if ($value === null) {
            return null;
        }
        $number = preg_match('/^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?$/D', $value) === 1 ? (float) $value : NAN;
        if (!($number >= $least && $number <= $most)) {
            throw Refusal::badInput(sprintf("'%s' must be a number from %s to %s", $name, self::plain($least), self::plain($most)));
        }

        return $number;
    }

    public function integer(string $name, int $least, int $most): ?int
    {
        $value = $this->text($name);
        if ($value === null) {
            return null;
        }
        $number = preg_match('/^-?\d{1,12}$/D', $value) === 1 ? (int) $value : null;
        if ($number === null || $number < $least || $number > $most) {
            throw Refusal::badInput("'$name' must be a whole number from $least to $most");
        }

        return $number;
    }

    /**
     * @param list<string> $choices
     * @return string|null one of them; null when absent
     */
    public function choice(string $name, array $choices): ?string
    {
        $value = $this->text($name);
        if ($value !== null && !in_array($value, $choices, true)) {
            throw Refusal::badInput("'$name' must be " . implode(' or ', $choices));
        }

        return $value;
    }

    /**
     * A moment, or a day, in ISO 8601; without zone it is UTC.
     *
     * @param bool $isEnd whether the whole second or day that is named belongs to the time
     * @return string|null ISO form with T and without zone, UTC
     */
    public function time(string $name, bool $isEnd = false): ?string
    {
        $value = $this->text($name);
        if ($value === null) {
            return null;
        }
        // A plus sign that was not encoded arrives as a blank.
        $value = preg_replace('/ (\d\d:\d\d)$/D', '+$1', $value, -1, $blanks) ?? $value;
        $value = $blanks === 1 && strlen($value) < 17 ? $this->text($name) : $value;
        if (preg_match(self::TIME, $value, $part) !== 1 || !checkdate((int) $part[2], (int) $part[3], (int) $part[1])) {
            throw Refusal::badInput("'$name' must be a time such as 2026-07-01T00:00:00Z, or a day such as 2026-07-01");
        }
        $second = ($part[6] ?? '') === '' ? ($isEnd ? '59' : '00') : $part[6];
        $clock = isset($part[4]) ? "$part[4]:$part[5]:$second" : ($isEnd ? '23:59:59' : '00:00:00');
        $zone = ($part[8] ?? '') === '' ? 'Z' : $part[8];
        $moment = new \DateTimeImmutable("$part[1]-$part[2]-$part[3]T$clock$zone");
        // Times are compared as texts: zeros at the end are as if they were not there.
        $fraction = match ($part[7] ?? '') {
            '' => $isEnd ? '.999999999' : '',
            default => $isEnd ? str_pad($part[7], 10, '0') : rtrim($part[7], '0.'),
        };

        return $moment->setTimezone(new \DateTimeZone('UTC'))->format('Y-m-d\TH:i:s') . $fraction;
    }

    private static function plain(float $bound): string
    {
        return abs($bound) >= 1e12 ? sprintf('%.0e', $bound) : (string) $bound;
    }
}
