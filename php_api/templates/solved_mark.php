<?php
/**
 * @var ?bool $isSolved  null when nobody has tried
 * @var CrowdSky\Pages\TemplateTexts $t
 */
?>
<?php if ($isSolved === true) : ?>
<span class="state solved"><?= $t('solved') ?></span>
<?php elseif ($isSolved === false) : ?>
<span class="state unsolved"><?= $t('not solved') ?></span>
<?php else : ?>
<span class="state"><?= $t('not measured') ?></span>
<?php endif ?>
