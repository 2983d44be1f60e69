<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Gallery;

use CrowdSky\Base\Refusal;
use CrowdSky\Gallery\GalleryFacts;
use CrowdSky\Gallery\GalleryOrder;
use CrowdSky\Gallery\GalleryScope;
use CrowdSky\Gallery\GalleryWish;
use CrowdSky\Http\Request;
use CrowdSky\Sky\Viewer;

/** The filters of the gallery as its address keeps them, and as forms repeat them. Empty fields are as if they were not there. */
final class GalleryForm
{
    /** What decides which stacks are shown, besides their order. */
    public const FIELDS = ['of', 'object', 'telescope', 'filter', 'from', 'to', 'minutes', 'seeing', 'solved'];

    private const LONGEST = 100;
    private const MOST_IDS = 100;
    private const SECONDS = 60.0;

    /** @param array<string, string> $values by field, none of them empty */
    private function __construct(public readonly array $values, public readonly GalleryWish $wish)
    {
    }

    /** @throws Refusal naming the field that is wrong */
    public static function ofQuery(Request $request, Viewer $viewer): self
    {
        return self::read($request->query(...), $viewer);
    }

    /**
     * What is right of the filters in the address, and the first mistake in them.
     *
     * @return array{self, ?Refusal}
     * @throws Refusal for what is no field of the form
     */
    public static function ofWhatIsRight(Request $request, Viewer $viewer): array
    {
        $mistake = null;
        $wrong = [];
        while (true) {
            try {
                return [self::read(static fn (string $name): ?string => isset($wrong[$name]) ? null : $request->query($name), $viewer), $mistake];
            } catch (Refusal $refusal) {
                $field = $refusal->field();
                if ($field === null || isset($wrong[$field])) {
                    throw $refusal;
                }
                $wrong[$field] = true;
                $mistake ??= $refusal;
            }
        }
    }

    /** @throws Refusal as ofQuery() */
    public static function ofPost(Request $request, Viewer $viewer): self
    {
        // There, ids are the selection and no filter.
        return self::read(static fn (string $name): ?string => $name === 'ids' ? null : $request->form($name), $viewer);
    }

    /** @param array<string, string|null> $changes null removes a field */
    public function query(array $changes = []): string
    {
        return http_build_query(array_filter($changes + $this->values, static fn (?string $value): bool => $value !== null && $value !== ''));
    }

    /** Whether anything but the scope narrows what is shown. */
    public function isNarrowed(): bool
    {
        return array_diff_key($this->values, ['of' => '', 'order' => '', 'view' => '']) !== [];
    }

    public function get(string $field): string
    {
        return $this->values[$field] ?? '';
    }

    /** @param \Closure(string): ?string $field */
    private static function read(\Closure $field, Viewer $viewer): self
    {
        $values = [];
        foreach ([...self::FIELDS, 'order', 'view'] as $name) {
            $value = trim($field($name) ?? '');
            if (mb_strlen($value) > self::LONGEST) {
                throw Refusal::badInput("'$name' is longer than " . self::LONGEST . ' characters', 'too_long')->at($name);
            }
            if ($value !== '') {
                $values[$name] = $value;
            }
        }
        $from = self::day($values, 'from');
        $to = self::day($values, 'to');
        $minutes = self::number($values, 'minutes');
        $facts = new GalleryFacts(
            start: $from === null ? null : "{$from}T00:00:00",
            end: $to === null ? null : "{$to}T23:59:59.999999999",
            telescope: $values['telescope'] ?? null,
            filter: $values['filter'] ?? null,
            minExposure: $minutes === null ? null : $minutes * self::SECONDS,
            maxSeeing: self::number($values, 'seeing'),
            isSolved: self::yesOrNo($values, 'solved'),
        );
        $order = GalleryOrder::tryFrom($values['order'] ?? GalleryOrder::Newest->value)
            ?? throw Refusal::badInput("'order' must be newest, oldest, longest or sharpest", 'no_choice')->at('order');

        return new self($values, new GalleryWish(GalleryScope::of($values['of'] ?? null, $viewer), $order, $values['object'] ?? null, $facts, self::ids($field('ids'))));
    }

    /** @return list<int>|null of a list with commas; null without one */
    private static function ids(?string $listed): ?array
    {
        if ($listed === null || $listed === '') {
            return null;
        }
        $ids = preg_match('/^[1-9]\d{0,17}(,[1-9]\d{0,17})*$/D', $listed) === 1 ? array_map('intval', explode(',', $listed)) : [];
        if ($ids === [] || count($ids) > self::MOST_IDS) {
            throw Refusal::badInput("'ids' must be up to " . self::MOST_IDS . ' ids of stacks with commas between them');
        }

        return $ids;
    }

    /** @param array<string, string> $values */
    private static function day(array $values, string $name): ?string
    {
        $value = $values[$name] ?? null;
        if ($value !== null && (preg_match('/^(\d{4})-(\d\d)-(\d\d)$/D', $value, $part) !== 1 || !checkdate((int) $part[2], (int) $part[3], (int) $part[1]))) {
            throw Refusal::badInput("'$name' must be a day such as 2026-07-01", 'no_day')->at($name);
        }

        return $value;
    }

    /** @param array<string, string> $values */
    private static function number(array $values, string $name): ?float
    {
        $value = strtr($values[$name] ?? '', ',', '.');
        if ($value !== '' && preg_match('/^\d{1,7}(\.\d{0,6})?$/D', $value) !== 1) {
            throw Refusal::badInput("'$name' must be a number such as 2.5", 'no_number')->at($name);
        }

        return $value === '' ? null : (float) $value;
    }

    /** @param array<string, string> $values */
    private static function yesOrNo(array $values, string $name): ?bool
    {
        return match ($values[$name] ?? '') {
            '' => null,
            '1' => true,
            '0' => false,
            default => throw Refusal::badInput("'$name' must be 1 or 0", 'no_choice')->at($name),
        };
    }
}
