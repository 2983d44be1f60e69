<?php
/**
 * @var CrowdSky\LightCurves\FoundVariable $variable
 * @var Closure $e
 */
use CrowdSky\Base\Format;
use CrowdSky\LightCurves\Band;
use CrowdSky\LightCurves\FoundVariable;
use CrowdSky\Pages\SkyFormat;
use CrowdSky\Pages\Stars\PeriodWords;

$eclipse = PeriodWords::eclipse($variable);
$trend = PeriodWords::trend($variable);
?>
<dl class="facts-list">
    <dt>Kind</dt><dd><?= $e(PeriodWords::kind($variable)) ?></dd>
    <dt>Period</dt><dd><?= $e(PeriodWords::period($variable)) ?>
<?php if ($variable->period !== null) : ?>
        <span class="hint">chance that noise alone gives it: <?= $e(PeriodWords::falseAlarm($variable)) ?></span>
<?php elseif ($variable->remark !== null) : ?>
        <span class="hint"><?= $e($variable->remark) ?></span>
<?php endif ?></dd>
<?php if ($variable->kind !== FoundVariable::CONSTANT) : ?>
    <dt>Amplitude</dt><dd><?= $e(PeriodWords::amplitude($variable)) ?> in <?= $e(Band::from($variable->band)->publicName()) ?>
        <span class="hint"><?= $e(SkyFormat::number($variable->excess, 3, 'mag')) ?> of scatter beyond its errors</span></dd>
<?php endif ?>
<?php if ($eclipse !== null) : ?>
    <dt>Eclipses</dt><dd><?= $e($eclipse) ?></dd>
<?php endif ?>
<?php if ($trend !== null) : ?>
    <dt>Trend</dt><dd><?= $e($trend) ?></dd>
<?php endif ?>
    <dt>From</dt><dd><?= $e(Format::count($variable->points, 'point', 'points')) ?> in <?= $e(Format::count($variable->nights, 'night', 'nights')) ?>,
        calibration <?= $e($variable->calibration->name()) ?></dd>
</dl>
