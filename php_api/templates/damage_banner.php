<?php
/**
 * @var list<CrowdSky\Stacks\Stack> $damaged found latest first
 * @var int $nDamaged how many there are
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var Closure $e
 */
if ($nDamaged > 0) : ?>
<p class="problem" role="alert"><strong><?= $t->count($nDamaged, '{n} stack is missing from storage or damaged there:', '{n} stacks are missing from storage or damaged there:') ?></strong>
    <?= implode(', ', array_map(static fn ($stack): string => "<a href=\"stack.php?id={$e($stack->id)}\">{$t('stack {id}', ['id' => $stack->id])}</a>", $damaged)) ?>
<?= $nDamaged > count($damaged) ? ' ' . $t('and others') : '' ?>.
    <?= $t('Look at the storage first: files that are put back count again from the next cleanup on. The owners see it on their pages.') ?></p>
<?php endif ?>
