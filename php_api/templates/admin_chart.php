<?php
/**
 * A chart, and the table that its script draws it from.
 *
 * @var CrowdSky\Pages\Admin\Chart $chart
 * @var CrowdSky\Statistics\Period $period
 * @var list<int> $starts Unix seconds at which each part begins
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var CrowdSky\Pages\Texts $texts
 * @var Closure $e
 */
use CrowdSky\Base\Format;
use CrowdSky\Pages\Admin\Chart;
use CrowdSky\Pages\Figures;

$shown = static fn (int|float|null $value): string => $value === null ? Format::NONE : match ($chart->unit) {
    Chart::SECONDS => Figures::seconds($texts, $value),
    Chart::BYTES => Figures::bytes($texts, $value),
    Chart::HOURS => $t->number($value, 1),
    default => $t->number($value),
};
$number = 0;
?>
<figure class="chart" data-form="<?= $e($chart->form) ?>" data-unit="<?= $e($chart->unit) ?>" data-hours="<?= $e($period->hoursOfPart()) ?>">
    <figcaption><h2><?= $e($chart->title) ?></h2> <span class="hint"><?= $e($chart->sum) ?></span></figcaption>
<?php if ($chart->isEmpty()) : ?>
    <p class="empty"><?= $t('Nothing in this time.') ?></p>
<?php else : ?>
    <div class="chart-place" aria-hidden="true"></div>
    <ul class="chart-key">
<?php foreach (array_keys($chart->series) as $name) : ?>
<?php $colour = $name === $chart->bad ? 'bad' : (string) ($number % 6) ?>
<?php $number++ ?>
        <li data-colour="<?= $e($colour) ?>"><span class="swatch colour-<?= $e($colour) ?>" aria-hidden="true"></span> <?= $e($name) ?> <b></b></li>
<?php endforeach ?>
    </ul>
    <details>
        <summary><?= $t('As a table') ?></summary>
        <div class="scroll" role="region" aria-label="<?= $e($chart->title) ?>" tabindex="0">
        <table>
            <thead><tr><th><?= $t('Begins (UTC)') ?></th>
<?php foreach (array_keys($chart->series) as $name) : ?>
                <th><?= $e($name) ?></th>
<?php endforeach ?>
            </tr></thead>
            <tbody>
<?php foreach ($starts as $part => $start) : ?>
                <tr data-at="<?= $e($start) ?>"><td><?= $e(gmdate($period->hoursOfPart() === 24 ? 'Y-m-d' : 'Y-m-d H:i', $start)) ?></td>
<?php foreach ($chart->series as $values) : ?>
                    <td data-value="<?= $e($values[$part]) ?>"><?= $e($shown($values[$part])) ?></td>
<?php endforeach ?>
                </tr>
<?php endforeach ?>
            </tbody>
        </table>
        </div>
    </details>
<?php endif ?>
</figure>
