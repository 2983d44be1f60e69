<?php

declare(strict_types=1);

namespace CrowdSky\Calibrations;

use CrowdSky\Base\Refusal;

/** Looks at every number of a calibration before any of them is published. */
final class CalibrationCheck
{
    private const BANDS = ['RGB' => ['R', 'G', 'B'], 'L' => ['L']];
    private const KINDS = ['periodic', 'eclipses', 'slow', 'irregular', 'constant'];
    private const REMARK = '/^[\x20-\x7e]{0,160}$/D';
    /** A magnitude, or a term of one, beyond this is none. */
    private const MOST_MAG = 100.0;
    private const MOST_DAYS = 1e8;
    private const MOST_COUNT = 2147483647;
    private const LEFT_OUT = 'left_out';

    /** @var array<string, true> epochs, stars and bands that had a row */
    private array $seen = [];

    /**
     * @param array<int, string> $epochs bands of the epochs of the order, by id
     * @param array<int, mixed> $stars of the order, by id
     */
    public function __construct(private readonly CalibrationOrder $order, private readonly array $epochs, private readonly array $stars)
    {
    }

    /**
     * @return CalibrationCounts what is in it
     * @throws Refusal when something is not what was ordered, or cannot be true
     */
    public function require(CalibrationFile $file): CalibrationCounts
    {
        if ($file->field !== $this->order->scope->fieldId || $file->version !== $this->order->version) {
            throw CalibrationFile::unusable(
                "it is version {$file->version} of field {$file->field}, but {$this->order->version} of {$this->order->scope->fieldId} was ordered"
            );
        }
        $answered = [];
        foreach ($file->zeroPoints() as $number => $row) {
            $this->checkZeroPoint($row, "ZEROPTS, row $number");
            $answered[$row['EPOCH_ID']] = true;
        }
        $this->requireAll($answered, $file->model);
        $calibrated = [];
        foreach ($file->stars() as $number => $row) {
            $this->checkStar($row, "STARMAGS, row $number");
            $calibrated[$row['STAR_ID']] = true;
        }
        $variables = 0;
        foreach ($file->variables() as $number => $row) {
            $this->checkVariable($row, "VARIABLES, row $number");
            $variables++;
        }
        return new CalibrationCounts(array_keys($answered), count($calibrated), $variables);
    }

    /** @param array<string, mixed> $row */
    private function checkZeroPoint(array $row, string $where): void
    {
        $bands = self::BANDS[$this->epochs[$row['EPOCH_ID']] ?? ''] ?? throw $this->wrong($where, 'EPOCH_ID', $row);
        if (!in_array($row['BAND'], $bands, true)) {
            throw $this->wrong($where, 'BAND', $row);
        }
        foreach (['ZP', 'CTERM', 'U', 'V', 'UU', 'UV', 'VV'] as $name) {
            $this->requireNumber($row, $name, -self::MOST_MAG, self::MOST_MAG, $where);
        }
        foreach (['ZPERR', 'FLOOR'] as $name) {
            $this->requireNumber($row, $name, 0.0, self::MOST_MAG, $where);
        }
        $this->requireCount($row, 'NSTARS', 0, $where);
        $this->requireFirst("zero point of epoch {$row['EPOCH_ID']} in {$row['BAND']}", $where);
    }

    /** @param array<string, mixed> $row */
    private function checkStar(array $row, string $where): void
    {
        $this->requireStar($row, $where);
        $this->requireNumber($row, 'MAG', -self::MOST_MAG, self::MOST_MAG, $where);
        $this->requireNumber($row, 'COLOUR', -self::MOST_MAG, self::MOST_MAG, $where, orUnknown: true);
        foreach (['ERR', 'EXTRA'] as $name) {
            $this->requireNumber($row, $name, 0.0, self::MOST_MAG, $where);
        }
        $this->requireNumber($row, 'SCATTER', 0.0, self::MOST_MAG, $where, orUnknown: true);
        $this->requireNumber($row, 'CHI2', 0.0, PHP_FLOAT_MAX, $where, orUnknown: true);
        $this->requireCount($row, 'N', 1, $where);
        $this->requireCount($row, 'FLAGS', 0, $where);
        $this->requireFirst("star {$row['STAR_ID']} in {$row['BAND']}", $where);
    }

    /** @param array<string, mixed> $row */
    private function checkVariable(array $row, string $where): void
    {
        $this->requireStar($row, $where);
        if (!in_array($row['KIND'], self::KINDS, true)) {
            throw $this->wrong($where, 'KIND', $row);
        }
        $this->requireNumber($row, 'SCORE', 0.0, PHP_FLOAT_MAX, $where);
        foreach (['EXCESS', 'AMPLITUDE'] as $name) {
            $this->requireNumber($row, $name, 0.0, self::MOST_MAG, $where);
        }
        $this->requireNumber($row, 'AMPLITUDE_ERR', 0.0, self::MOST_MAG, $where, orUnknown: true);
        if ($row['REMARK'] !== null && preg_match(self::REMARK, (string) $row['REMARK']) !== 1) {
            throw $this->wrong($where, 'REMARK', $row);
        }
        foreach (['PERIOD', 'PERIOD_ERR', 'T0', 'DURATION'] as $name) {
            $this->requireNumber($row, $name, 0.0, self::MOST_DAYS, $where, orUnknown: true);
        }
        $this->requireNumber($row, 'FAP', 0.0, 1.0, $where, orUnknown: true);
        foreach (['DEPTH', 'TREND'] as $name) {
            $this->requireNumber($row, $name, -self::MOST_MAG, self::MOST_MAG, $where, orUnknown: true);
        }
        foreach (['NPOINTS', 'NNIGHTS'] as $name) {
            $this->requireCount($row, $name, 0, $where);
        }
        foreach (['BRIGHT', 'FAINT'] as $name) {
            if ($row[$name] !== 0 && !isset($this->epochs[$row[$name]])) {
                throw $this->wrong($where, $name, $row);
            }
        }
        $this->requireFirst("variable star {$row['STAR_ID']}", $where);
    }

    /** @param array<string, mixed> $row */
    private function requireStar(array $row, string $where): void
    {
        if (!isset($this->stars[$row['STAR_ID']])) {
            throw $this->wrong($where, 'STAR_ID', $row);
        }
        if (!in_array($row['BAND'], ['R', 'G', 'B', 'L'], true)) {
            throw $this->wrong($where, 'BAND', $row);
        }
    }

    /** @param array<string, mixed> $row */
    private function requireNumber(array $row, string $name, float $least, float $most, string $where, bool $orUnknown = false): void
    {
        $value = $row[$name];
        $isGood = $value === null ? $orUnknown : is_float($value) && is_finite($value) && $value >= $least && $value <= $most;
        if (!$isGood) {
            throw $this->wrong($where, $name, $row);
        }
    }

    /** @param array<string, mixed> $row */
    private function requireCount(array $row, string $name, int $least, string $where): void
    {
        $value = $row[$name];
        if (!is_int($value) || $value < $least || $value > self::MOST_COUNT) {
            throw $this->wrong($where, $name, $row);
        }
    }

    private function requireFirst(string $what, string $where): void
    {
        if (isset($this->seen[$what])) {
            throw CalibrationFile::unusable("$where: the $what is there twice");
        }
        $this->seen[$what] = true;
    }

    /**
     * @param array<int, true> $answered epochs with a zero point
     * @param array<string, mixed> $model which names those without
     */
    private function requireAll(array $answered, array $model): void
    {
        $leftOut = is_array($model[self::LEFT_OUT] ?? null) ? $model[self::LEFT_OUT] : [];
        $missing = array_diff(array_keys(array_diff_key($this->epochs, $answered)), array_filter($leftOut, is_int(...)));
        if ($missing !== []) {
            throw CalibrationFile::unusable('epoch ' . reset($missing) . ' has no zero point, and is not in ' . self::LEFT_OUT . ' of MODEL');
        }
        if ($answered === []) {
            throw CalibrationFile::unusable('no epoch has a zero point');
        }
    }

    /** @param array<string, mixed> $row */
    private function wrong(string $where, string $name, array $row): Refusal
    {
        $value = $row[$name] === null ? 'unknown' : mb_substr(mb_scrub((string) json_encode($row[$name], JSON_PARTIAL_OUTPUT_ON_ERROR)), 0, 40);
        return CalibrationFile::unusable("$where: $name is $value");
    }
}
