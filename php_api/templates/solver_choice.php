<?php
/**
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var CrowdSky\Pages\Texts $texts
 * @var Closure $e
 */
use CrowdSky\Rescans\RescanOptions;

?>
    <label for="solver"><?= $t('Solver') ?></label>
    <select id="solver" name="solver">
        <option value=""><?= $t('the worker’s choice') ?></option>
<?php foreach (RescanOptions::SOLVERS as $name => $label) : ?>
        <option value="<?= $e($name) ?>"><?= $e($texts->repeat($label)) ?></option>
<?php endforeach ?>
    </select>
