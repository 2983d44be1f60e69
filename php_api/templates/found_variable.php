<?php
/**
 * @var CrowdSky\LightCurves\FoundVariable $variable
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var CrowdSky\Pages\Texts $texts
 * @var Closure $e
 */
use CrowdSky\LightCurves\Band;
use CrowdSky\LightCurves\FoundVariable;
use CrowdSky\Pages\SkyFormat;
use CrowdSky\Pages\Stars\PeriodWords;

$eclipse = PeriodWords::eclipse($variable, $texts);
$trend = PeriodWords::trend($variable, $texts);
?>
<dl class="facts-list">
    <dt><?= $t('Kind') ?></dt><dd><?= $e(PeriodWords::kind($variable, $texts)) ?></dd>
    <dt><?= $t('Period') ?></dt><dd><?= $e(PeriodWords::period($variable, $texts)) ?>
<?php if ($variable->period !== null) : ?>
        <span class="hint"><?= $t('chance that noise alone gives it: {chance}', ['chance' => PeriodWords::falseAlarm($variable, $texts)]) ?></span>
<?php elseif ($variable->remark !== null) : ?>
        <span class="hint"><?= $e($texts->repeat($variable->remark)) ?></span>
<?php endif ?></dd>
<?php if ($variable->kind !== FoundVariable::CONSTANT) : ?>
    <dt><?= $t('Amplitude') ?></dt><dd><?= $t('{amplitude} in {band}', ['amplitude' => PeriodWords::amplitude($variable, $texts), 'band' => Band::from($variable->band)->publicName()]) ?>
        <span class="hint"><?= $t('{scatter} of scatter beyond its errors', ['scatter' => SkyFormat::number($texts, $variable->excess, 3, 'mag')]) ?></span></dd>
<?php endif ?>
<?php if ($eclipse !== null) : ?>
    <dt><?= $t('Eclipses') ?></dt><dd><?= $e($eclipse) ?></dd>
<?php endif ?>
<?php if ($trend !== null) : ?>
    <dt><?= $t('Trend') ?></dt><dd><?= $e($trend) ?></dd>
<?php endif ?>
    <dt><?= $t('Based on') ?></dt><dd><?= $t->count($variable->points, '{n} point', '{n} points') ?>,
        <?= $t->count($variable->nights, '{n} night', '{n} nights') ?>,
        <?= $t('calibration {name}', ['name' => $variable->calibration->name()]) ?></dd>
</dl>
